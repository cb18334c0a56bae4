/* SPDX-License-Identifier: MIT
 * The steps that the services which create an object have in common. */

#include "ex.h"
#include "mm.h"

/* Objects have no names here: attributes with a name are refused rather than ignored. */
NTSTATUS ExCheckAttributes(const struct object_attributes *user_attributes)
{
    struct object_attributes attributes;
    NTSTATUS status;

    if (!user_attributes)
        return STATUS_SUCCESS;
    status = MmReadUser(&attributes, user_attributes, sizeof(attributes));
    if (!NT_SUCCESS(status))
        return status;
    if (attributes.Length != sizeof(attributes))
        return STATUS_INVALID_PARAMETER;
    return attributes.ObjectName ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
}

NTSTATUS ExBeginCreate(HANDLE *user_handle, const struct object_attributes *user_attributes)
{
    NTSTATUS status = MmProbeForWrite(user_handle, sizeof(*user_handle));

    return NT_SUCCESS(status) ? ExCheckAttributes(user_attributes) : status;
}

NTSTATUS ExEndCreate(struct object *object, uint32_t access, HANDLE *user_handle)
{
    HANDLE handle;
    NTSTATUS status;

    if (!object)
        return STATUS_INSUFFICIENT_RESOURCES;
    object->References++; /* so that a failure deletes it */
    status = ExCreateHandle(object, access, &handle);
    if (NT_SUCCESS(status))
        MmWriteUser(user_handle, &handle, sizeof(handle)); /* probed before */
    ExDereference(object);
    return status;
}
