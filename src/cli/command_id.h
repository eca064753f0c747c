/* The commands by number: what the options table and the commands table share. */
#ifndef CLI_COMMAND_ID_H
#define CLI_COMMAND_ID_H

#include <stdint.h>

enum command_id {
    CMD_ROOT,     /* no command word */
    CMD_SNAPSHOT, /* the group */
    CMD_RESTORE,
    CMD_STATUS,
    CMD_HASHKV,
    CMD_VERIFY,
    CMD_SERVER,
    CMD_ERRORS,
    CMD_VERSION,
    CMD_HELP,
    CMD_COMPLETION,
    CMD_MANUAL,
    CMD_COUNT
};

#define ON(command) (UINT32_C(1) << CMD_##command)
#define ON_ALL ((UINT32_C(1) << CMD_COUNT) - 1)

#endif
