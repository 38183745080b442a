#!/bin/sh
# Starts a server under the name SELF: as the primary, or as a replica of it.
set -eu
settings=$(dirname "$0")
data=${DATA:-/data}
. "$settings/find-primary.sh"

umask 077
sed -e "s|@RINGSIDE_PASSWORD@|$RINGSIDE_PASSWORD|" -e "s|@REPLICA_PASSWORD@|$REPLICA_PASSWORD|" \
  -e "s|@SENTINEL_PASSWORD@|$SENTINEL_PASSWORD|" "$settings/users.acl" >"$data/users.acl"
# Sentinels have it written anew, so that it is a file of its own.
{
  cat "$settings/redis.conf"
  echo "bind ${BIND:-* -::*}"
  echo "port $REDIS_PORT"
  echo "dir $data"
  echo "aclfile $data/users.acl"
  echo "masteruser replica"
  echo "masterauth $REPLICA_PASSWORD"
  echo "replica-announce-ip $SELF"
  [ "$PRIMARY" = "$SELF" ] || echo "replicaof $PRIMARY $REDIS_PORT"
} >"$data/redis.conf"
exec redis-server "$data/redis.conf"
