/* SPDX-License-Identifier: MIT
 * Names: services, their arguments, NTSTATUS values, vectors and MSRs by number. */
#include "services.h"

#include <ringscope/nt/status.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>
#include <stddef.h>
#include <string.h>

struct service {
    const char *name, *arguments;
    uint8_t count, class;
};

static const char *const classes[] = {
#define X(class, name, text) name,
    RS_SERVICE_CLASSES(X)
#undef X
};

static const struct service services[RS_SERVICE_SLOTS] = {
#define X(number, name, args, class, arguments)                                                    \
    [RS_SERVICE_SLOT(number)] = {#name, arguments, args, RS_SERVICE_CLASS_##class},
    RS_SERVICES(X)
#undef X
};

static bool other_kernel;

void rs_services_of_other_kernel(bool other)
{
    other_kernel = other;
}

static const struct service *find(uint32_t eax)
{
    const struct service *service;

    if (other_kernel || !rs_service_in_table(eax))
        return NULL;
    service = &services[RS_SERVICE_SLOT(eax)];
    return service->name ? service : NULL;
}

const char *rs_service_name(uint32_t eax)
{
    const struct service *service = find(eax);

    return service ? service->name : NULL;
}

const char *rs_service_class(uint32_t eax)
{
    const struct service *service = find(eax);

    return service ? classes[service->class] : NULL;
}

unsigned rs_service_argument_count(uint32_t eax)
{
    const struct service *service = find(eax);

    return service ? service->count : RS_SERVICE_REGISTER_ARGS;
}

const char *rs_service_arguments(uint32_t eax)
{
    const struct service *service = find(eax);

    return service ? service->arguments : "";
}

/* Where "Name:kind" of an argument stands, or NULL. */
static const char *find_argument(uint32_t eax, unsigned index)
{
    const struct service *service = find(eax);
    const char *at = service && service->count > index ? service->arguments : NULL;

    for (unsigned i = 0; at && i < index; i++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return at;
}

char rs_service_argument_kind(uint32_t eax, unsigned index)
{
    const char *at = find_argument(eax, index);
    const char *colon = at ? strchr(at, ':') : NULL;

    return colon ? colon[1] : 'x';
}

struct rs_argument_name rs_service_argument_name(uint32_t eax, unsigned index)
{
    const char *at = find_argument(eax, index);

    return (struct rs_argument_name){at, at ? (int)strcspn(at, ":") : 0};
}

const char *rs_status_name(uint32_t status)
{
    static const struct {
        uint32_t value;
        const char *name;
    } statuses[] = {
#define X(name, value) {value, #name},
        RS_NTSTATUSES(X)
#undef X
    };

    for (size_t i = 0; !other_kernel && i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].value == status)
            return statuses[i].name;
    return NULL;
}

const char *rs_service_result_name(uint32_t eax, uint32_t result)
{
    const uint32_t severity_error = 3;

    if ((eax & RS_SERVICE_WIN32) && result >> 30 != severity_error)
        return NULL;
    return rs_status_name(result);
}

const char *rs_vector_name(uint8_t vector)
{
    /* Names of exceptions are written with '#', as the SDM does; NMI and what lies above are not.
     */
    static const char *const names[RS_VECTOR_COUNT] = {
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
    [vector] = (vector) < 32 && (vector) != 2 && (vector) != 0x1f ? "#" #mnemonic : #mnemonic,
        RS_VECTORS(X)
#undef X
    };

    return names[vector];
}

const char *rs_msr_name(uint32_t index)
{
    static const struct {
        uint32_t index;
        const char *name;
    } msrs[] = {
#define X(name, index, hooked, title) {index, #name},
        RS_MSRS(X)
#undef X
    };

    for (size_t i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++)
        if (msrs[i].index == index)
            return msrs[i].name;
    return NULL;
}
