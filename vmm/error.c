/* SPDX-License-Identifier: MIT
 * Errors that travel up to main(). */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int rs_error_set(struct rs_error *error, enum rs_exit_code exit_code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    error->exit_code = exit_code;
    return -1;
}

int rs_error_errno(struct rs_error *error, enum rs_exit_code exit_code, int errnum,
                   const char *format, ...)
{
    va_list arguments;
    size_t used;

    va_start(arguments, format);
    vsnprintf(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    used = strlen(error->message);
    snprintf(error->message + used, sizeof(error->message) - used, ": %s", strerror(errnum));
    error->exit_code = exit_code;
    return -1;
}
