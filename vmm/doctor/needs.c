/* SPDX-License-Identifier: MIT
 * What must be repaired on this host, measured now: the claims that repair depends on. */
#include "needs.h"

#include "doctor.h"
#include "probe.h"

#include <string.h>

int rs_needs_add(const struct rs_finding *finding, int run_failed, uint32_t *needs,
                 struct rs_error *error)
{
    const char *id = finding->claim->id;

    /* To take it for a host that needs no repair would show a guest what is not so, and to take a
     * failure for a departure would repair what is in order. */
    if (run_failed)
        return rs_error_set(error, RS_EXIT_HOST, "doctor: %s cannot be measured: KVM_RUN: %s", id,
                            strerror(run_failed));
    if (finding->status == RS_STATUS_SKIP)
        return rs_error_set(error, RS_EXIT_HOST, "doctor: %s cannot be measured: %s", id,
                            finding->observed);
    *needs |= rs_finding_needs(finding);
    return 0;
}

static int measure_group(struct rs_probe *probe, const struct rs_group *group, uint32_t *needs,
                         struct rs_error *error)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct rs_claim *claim = &group->claims[i];
        struct rs_finding finding;

        if (!claim->needs[0].need)
            continue;
        if (rs_measure(probe, claim, &finding, error) != 0 ||
            rs_needs_add(&finding, probe->run_failed, needs, error) != 0)
            return -1;
    }
    return 0;
}

int rs_doctor_needs(int kvm_fd, uint32_t *needs, struct rs_error *error)
{
    struct rs_probe probe;
    int result = 0;

    *needs = 0;
    if (rs_probe_open(&probe, kvm_fd, (struct rs_probe_kind){.no_irqchip = true}, error) != 0)
        return -1;
    for (size_t i = 0; i < rs_group_count && result == 0; i++)
        result = measure_group(&probe, rs_groups[i], needs, error);
    rs_probe_close(&probe);
    return result;
}
