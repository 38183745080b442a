# Sourced: PRIMARY is whom a Sentinel names; while none knows, on the first start of all, the first of PEERS.
REDIS_PORT=${REDIS_PORT:-6379}
SENTINEL_PORT=${SENTINEL_PORT:-26379}
PRIMARY=
for peer in $PEERS; do
  [ -n "$PRIMARY" ] || PRIMARY=$(timeout 2 redis-cli -h "$peer" -p "$SENTINEL_PORT" --raw SENTINEL GET-MASTER-ADDR-BY-NAME main 2>/dev/null | sed -n 1p)
  case $PRIMARY in *[!A-Za-z0-9.:-]*) PRIMARY= ;; esac
done
PRIMARY=${PRIMARY:-${PEERS%% *}}
