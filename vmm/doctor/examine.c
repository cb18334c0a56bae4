/* SPDX-License-Identifier: MIT
 * The doctor: every claim about this host, measured now. */
#include "doctor.h"

#include "hooks/hooks.h"
#include "kvm/kvm_host.h"
#include "probe.h"

#include <stdlib.h>
#include <string.h>

static bool differs(const struct rs_finding *finding, const char *field)
{
    for (unsigned i = 0; i < finding->difference_count; i++)
        if (strcmp(finding->differences[i].field, field) == 0)
            return true;
    return false;
}

uint32_t rs_finding_needs(const struct rs_finding *finding)
{
    uint32_t needs = 0;

    for (unsigned i = 0; i < RS_CLAIM_NEEDS_MAX && finding->claim->needs[i].need; i++)
        if (differs(finding, finding->claim->needs[i].field))
            needs |= finding->claim->needs[i].need;
    return needs;
}

const char *rs_need_name(unsigned index, uint32_t *bit)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } needs[] = {
        {RS_NEED_SYSCALL, "SYSCALL that stays in ring 3"},
        {RS_NEED_INT_N_UD, "INT n in ring 3 that raises #UD"},
        {RS_NEED_INT_N_GP, "#GP of INT n on a gate of lower DPL"},
        {RS_NEED_RING0_INT, "INT n and INT3 in ring 0"},
    };

    if (index >= sizeof(needs) / sizeof(needs[0]))
        return NULL;
    *bit = needs[index].bit;
    return needs[index].name;
}

int rs_measure(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding,
               struct rs_error *error)
{
    *finding = (struct rs_finding){.claim = claim};
    if (rs_probe_renew(probe, claim->fresh, error) != 0)
        return -1;
    probe->run_failed = 0;
    claim->probe(probe, claim, finding);
    return 0;
}

static int examine_group(struct rs_probe *probe, const struct rs_group *group,
                         struct rs_examination *examination, struct rs_error *error)
{
    for (size_t i = 0; i < group->count; i++) {
        struct rs_finding *finding = &examination->findings[examination->count];

        if (rs_measure(probe, &group->claims[i], finding, error) != 0)
            return -1;
        examination->count++;
        examination->totals[finding->status]++;
        examination->needs |= rs_finding_needs(finding);
    }
    return 0;
}

static int examine(struct rs_probe *probe, struct rs_examination *examination,
                   struct rs_error *error)
{
    struct rs_hook_wish wish = {.wanted = RS_HOOK_AUTO};

    examination->guest_vendor = probe->env.vendor;
    for (size_t i = 0; i < rs_group_count; i++)
        if (examine_group(probe, rs_groups[i], examination, error) != 0)
            return -1;
    if (rs_probe_hook_costs(probe, examination->needs, &examination->hook_costs, error) != 0)
        return -1;
    wish.needs = examination->needs;
    (void)rs_hook_kinds_choose(&examination->hook_costs, &wish, &examination->hook_kinds);
    return 0;
}

int rs_examine(int kvm_fd, struct rs_examination *examination, struct rs_error *error)
{
    struct rs_probe probe;
    int result;

    memset(examination, 0, sizeof(*examination));
    examination->findings = calloc(rs_claim_count(), sizeof(examination->findings[0]));
    if (!examination->findings)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    uname(&examination->host);
    examination->emulated = rs_kvm_host_is_emulated();
    result = rs_probe_open(&probe, kvm_fd, (struct rs_probe_kind){0}, error);
    if (result == 0) {
        result = examine(&probe, examination, error);
        rs_probe_close(&probe);
    }
    if (result != 0)
        rs_examination_free(examination);
    return result;
}

void rs_examination_free(struct rs_examination *examination)
{
    free(examination->findings);
    examination->findings = NULL;
    examination->count = 0;
}
