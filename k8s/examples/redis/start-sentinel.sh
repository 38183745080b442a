#!/bin/sh
# Starts a Sentinel under the name SELF. What it has learned stays in its file when its container restarts.
set -eu
settings=$(dirname "$0")
data=${DATA:-/data}
. "$settings/find-primary.sh"

umask 077
if [ ! -s "$data/sentinel.conf" ]; then
  cat >"$data/sentinel.conf" <<END
bind ${BIND:-* -::*}
port $SENTINEL_PORT
dir $data
protected-mode no
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $SELF
sentinel monitor main $PRIMARY $REDIS_PORT 2
sentinel auth-user main sentinel
sentinel auth-pass main $SENTINEL_PASSWORD
sentinel down-after-milliseconds main ${DOWN_AFTER_MS:-5000}
sentinel failover-timeout main 30000
sentinel parallel-syncs main 1
END
fi
exec redis-server "$data/sentinel.conf" --sentinel
