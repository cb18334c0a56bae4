/* SPDX-License-Identifier: MIT
 * The environment in a metadata file that holds anything. */
#include "fuzz.h"
#include "trace/ctf/environment.h"

#include <string.h>

static char text[1 << 16];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char begin[] = "\nenv {\n";
    struct rs_ctf_variable variable, found;
    char *environment;
    const char *at;

    if (size > sizeof(text) - sizeof(begin))
        size = sizeof(text) - sizeof(begin);
    memcpy(text, begin, sizeof(begin) - 1);
    if (size > 0)
        memcpy(text + sizeof(begin) - 1, data, size);
    text[sizeof(begin) - 1 + size] = '\0';
    environment = rs_ctf_environment(text);
    FUZZ_CHECK(environment && strlen(environment) <= size);
    for (at = environment; rs_ctf_environment_next(&at, &variable);) {
        FUZZ_CHECK(at <= environment + strlen(environment));
        FUZZ_CHECK(variable.size <= RS_CTF_VARIABLE_MAX);
        FUZZ_CHECK(variable.value[variable.size] == '\0');
        FUZZ_CHECK(strlen(variable.name) > 0 && strlen(variable.name) < sizeof(variable.name));
        FUZZ_CHECK(rs_ctf_environment_find(environment, variable.name, &found));
    }
    free(environment);
    return 0;
}
