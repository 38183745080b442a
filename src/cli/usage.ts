/** What `--help` prints, and what a command line that cannot be understood is answered with. */
export const USAGE = `usage: node dist/main.js [--config PATH]           run the sidecar; without a configuration, on embedded defaults
       node dist/main.js --check [--config PATH]   check a configuration and print what is in force, secrets masked
       node dist/main.js get KEYSPACE KEY [--tenant NAME]
                                                   ask a running sidecar for one key
       node dist/main.js hot [KEYSPACE] [--json]   ask a running sidecar which keys are hot
       node dist/main.js outbox-sql                print the SQL that sets an outbox of events up
       node dist/main.js warm KEYSPACE (KEY... | --file PATH | --query | --hot) [--rate N] [--tenant NAME] [--json]
                                                   have keys loaded before they are asked for; - is the standard input
       node dist/main.js bump KEYSPACE             have nothing read any more that is cached of a keyspace
       node dist/main.js flush ENVIRONMENT         empty the environment of that name (admin.flush); Ctrl-C ends it
       node dist/main.js wait                      wait until a sidecar listens
       node dist/main.js injector --image IMAGE [--mode auto|native|classic] [--certs DIR]
                                  [--listen 0.0.0.0:8443] [--http 0.0.0.0:8080]
                                                   run the webhook that injects sidecars on Kubernetes

A running sidecar is asked at RINGSIDE_SOCKET, else RINGSIDE_ADDR, else 127.0.0.1:7400; or at --address HOST:PORT | unix:PATH.
What changes something goes by the socket, or with the token in the file of --token-file, or RINGSIDE_TOKEN_FILE.
The configuration is a YAML file; RINGSIDE_CONFIG names it where --config does not. Its keys: docs/configuration.md
`
