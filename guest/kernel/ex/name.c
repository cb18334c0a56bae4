/* SPDX-License-Identifier: MIT
 * Names of objects: UTF-16 in user memory, ASCII here. */

#include "ex.h"
#include "mm.h"

static NTSTATUS convert(const uint16_t *wide, char *name, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (wide[i] == 0 || wide[i] >= 0x80)
            return STATUS_OBJECT_NAME_INVALID;
        name[i] = (char)wide[i];
    }
    name[count] = 0;
    return STATUS_SUCCESS;
}

/* "" without attributes or without a name. There are no directory objects to be relative to. */
NTSTATUS ExReadName(const struct object_attributes *user_attributes, char *name, size_t size)
{
    struct object_attributes attributes;
    struct unicode_string string;
    uint16_t wide[EX_NAME_MAX];
    NTSTATUS status;

    name[0] = 0;
    if (!user_attributes)
        return STATUS_SUCCESS;
    status = MmReadUser(&attributes, user_attributes, sizeof(attributes));
    if (!NT_SUCCESS(status))
        return status;
    if (attributes.Length != sizeof(attributes))
        return STATUS_INVALID_PARAMETER;
    if (!attributes.ObjectName)
        return STATUS_SUCCESS;
    if (attributes.RootDirectory)
        return STATUS_NOT_SUPPORTED;
    status = MmReadUser(&string, attributes.ObjectName, sizeof(string));
    if (!NT_SUCCESS(status))
        return status;
    if (string.Length % 2 || string.Length / 2 >= size || string.Length / 2 > EX_NAME_MAX)
        return STATUS_OBJECT_NAME_INVALID;
    status = MmReadUser(wide, string.Buffer, string.Length);
    return NT_SUCCESS(status) ? convert(wide, name, string.Length / 2) : status;
}
