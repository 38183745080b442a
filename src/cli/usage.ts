/** What `--help` prints, and what a command line that cannot be understood is answered with. */
export const USAGE = `usage: node dist/main.js [--config PATH]           run the sidecar; without a configuration, on embedded defaults
       node dist/main.js --check [--config PATH]   check a configuration and print what is in force, secrets masked
       node dist/main.js get KEYSPACE KEY [--tenant NAME] [--address HOST:PORT | unix:PATH]
                                                   ask a running sidecar for one key
       node dist/main.js hot [KEYSPACE] [--json] [--address HOST:PORT | unix:PATH]
                                                   ask a running sidecar which keys are hot

The configuration is a YAML file; RINGSIDE_CONFIG names it where --config does not. Its keys: docs/configuration.md
`
