/* SPDX-License-Identifier: MIT
 * Object names for services: UTF-16 made of ASCII. */
#ifndef WIDE_H
#define WIDE_H

#include <ntdll.h>

struct wide_name {
    uint16_t text[128];
    struct unicode_string string;
    struct object_attributes attributes;
};

static inline struct wide_name wide_name(const char *name)
{
    struct wide_name wide = {.string.Length = 0};

    for (unsigned i = 0; name[i] && i < sizeof(wide.text) / sizeof(wide.text[0]); i++) {
        wide.text[i] = (uint8_t)name[i];
        wide.string.Length = (uint16_t)(2 * (i + 1));
    }
    return wide;
}

/* Valid as long as the name is. */
static inline struct object_attributes *wide_attributes(struct wide_name *name)
{
    name->string.MaximumLength = name->string.Length;
    name->string.Buffer = name->text;
    name->attributes = (struct object_attributes){
        .Length = sizeof(name->attributes),
        .ObjectName = &name->string,
        .Attributes = OBJ_CASE_INSENSITIVE,
    };
    return &name->attributes;
}

#endif
