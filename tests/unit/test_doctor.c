/* SPDX-License-Identifier: MIT
 * The doctor's pure parts: its tables of claims, comparison, words and reports. No VM. */
#include "doctor/doctor.h"
#include "doctor/probe.h"
#include "hooks/hooks.h"
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* A manual, and the title of a section in quotes. */
static bool is_reference(const char *reference)
{
    const char *quote = strchr(reference, '"');

    return (begins(reference, "SDM Vol. ") || begins(reference, "AMD APM Vol. ") ||
            begins(reference, "KVM API, ")) &&
           quote && quote[1] != '"' && strchr(quote + 1, '"');
}

static bool decodes(const struct rs_claim *claim)
{
    struct rs_cause cause;

    return rs_cause_from_instruction((const uint8_t *)claim->code.bytes, claim->code.size,
                                     claim->setup.from != RS_FROM_COMPAT, &cause);
}

static unsigned times_used(const char *id)
{
    unsigned count = 0;

    for (size_t group = 0; group < rs_group_count; group++)
        for (size_t i = 0; i < rs_groups[group]->count; i++)
            count += strcmp(rs_groups[group]->claims[i].id, id) == 0;
    return count;
}

START_TEST(every_claim_is_complete)
{
    for (size_t group = 0; group < rs_group_count; group++) {
        for (size_t i = 0; i < rs_groups[group]->count; i++) {
            const struct rs_claim *claim = &rs_groups[group]->claims[i];

            ck_assert_msg(claim->id && claim->id[0], "claim %zu of %s", i, rs_groups[group]->name);
            ck_assert_msg(times_used(claim->id) == 1, "%s is there twice", claim->id);
            ck_assert_msg(claim->text && claim->text[0], "%s: text", claim->id);
            ck_assert_msg(claim->probe != NULL, "%s: probe", claim->id);
            ck_assert_msg(is_reference(claim->reference), "%s: '%s'", claim->id, claim->reference);
            ck_assert_msg(strchr(claim->id, ' ') == NULL, "%s: a blank", claim->id);
            if (claim->probe == rs_expect_transition)
                ck_assert_msg(decodes(claim), "%s: no transition", claim->id);
            if (claim->probe == rs_expect_fault)
                ck_assert_msg(claim->vector != 0 || begins(claim->id, "de."), "%s: vector",
                              claim->id);
        }
    }
}
END_TEST

START_TEST(every_need_has_a_claim)
{
    uint32_t bits = 0, named = 0, bit;

    for (size_t group = 0; group < rs_group_count; group++)
        for (size_t i = 0; i < rs_groups[group]->count; i++)
            for (unsigned j = 0; j < RS_CLAIM_NEEDS_MAX; j++)
                bits |= rs_groups[group]->claims[i].needs[j].need;
    for (unsigned i = 0; rs_need_name(i, &bit); i++)
        named |= bit;
    ck_assert_uint_eq(bits,
                      RS_NEED_SYSCALL | RS_NEED_INT_N_UD | RS_NEED_INT_N_GP | RS_NEED_RING0_INT);
    ck_assert_uint_eq(named, bits);
}
END_TEST

/* A claim with needs: int.ring3. */
static struct rs_finding finding_with_needs(void)
{
    return (struct rs_finding){.claim = rs_claim_find(&rs_group_gates, "int.ring3")};
}

START_TEST(what_departs_is_repaired)
{
    struct rs_finding finding = finding_with_needs();
    struct rs_error error;
    uint32_t needs = 0;

    ck_assert_int_eq(rs_needs_add(&finding, 0, &needs, &error), 0);
    ck_assert_uint_eq(needs, 0);
    rs_finding_differ(&finding, RS_FIELD_OUTCOME, "vector 0x2e", "#UD");
    ck_assert_int_eq(rs_needs_add(&finding, 0, &needs, &error), 0);
    ck_assert_uint_eq(needs, RS_NEED_INT_N_UD);
}
END_TEST

START_TEST(what_was_not_measured_is_no_need)
{
    struct rs_finding finding = finding_with_needs();
    struct rs_error error;
    uint32_t needs = 0;

    rs_finding_set(&finding, RS_STATUS_SKIP, "the vCPU does not take the state before");
    ck_assert_int_eq(rs_needs_add(&finding, 0, &needs, &error), -1);
    ck_assert_int_eq(error.exit_code, RS_EXIT_HOST);
    ck_assert_ptr_nonnull(strstr(error.message, "int.ring3 cannot be measured: the vCPU does not"));
    /* A departure that is none: nothing was run. */
    finding = finding_with_needs();
    rs_finding_differ(&finding, RS_FIELD_OUTCOME, "vector 0x2e", "KVM_RUN failed");
    ck_assert_int_eq(rs_needs_add(&finding, EIO, &needs, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "KVM_RUN: Input/output error"));
    finding = finding_with_needs();
    ck_assert_int_eq(rs_needs_add(&finding, EIO, &needs, &error), -1);
    ck_assert_uint_eq(needs, 0);
}
END_TEST

START_TEST(tells_where_the_guest_has_arrived)
{
    static const struct {
        const char *name;
        uint64_t rip;
        enum rs_arrival arrival;
        uint8_t vector;
    } rows[] = {
        {"first gate", PROBE_VECTORS, RS_ARRIVED_GATE, 0},
        {"gate 2Eh", PROBE_VECTORS + 0x2e0, RS_ARRIVED_GATE, 0x2e},
        {"last gate", PROBE_VECTORS + 0xff0, RS_ARRIVED_GATE, 0xff},
        {"inside a gate", PROBE_VECTORS + 0x2e1, RS_ARRIVED_ELSEWHERE, 0},
        {"below the gates", PROBE_VECTORS - 0x10, RS_ARRIVED_ELSEWHERE, 0},
        {"LSTAR", PROBE_LSTAR, RS_ARRIVED_LSTAR, 0},
        {"CSTAR", PROBE_CSTAR, RS_ARRIVED_CSTAR, 0},
        {"SYSENTER", PROBE_SYSENTER, RS_ARRIVED_SYSENTER, 0},
        {"target", PROBE_TARGET, RS_ARRIVED_TARGET, 0},
        {"done", PROBE_DONE, RS_ARRIVED_DONE, 0},
        {"past done", PROBE_DONE + 1, RS_ARRIVED_ELSEWHERE, 0},
        {"code", PROBE_DONE - 1, RS_ARRIVED_CODE, 0},
        {"0", 0, RS_ARRIVED_ELSEWHERE, 0},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint8_t vector = 0x77;

        assert_row_eq(rows[i].name, rs_arrival_of(rows[i].rip, &vector), rows[i].arrival);
        assert_row_eq(rows[i].name, vector, rows[i].vector);
    }
}
END_TEST

/* A #PF from ring 3 as the model has it, and a vCPU that did just that. */
static void page_fault(struct rs_model_result *model, struct rs_observation *seen)
{
    *model = (struct rs_model_result){
        .outcome = RS_MODEL_DONE,
        .after = {.rip = PROBE_VECTORS + 14 * PROBE_GATE_SIZE, .rflags = 0x43, .cr2 = 0x12345},
        .frame_count = 6,
        .frame = {4, PROBE_DONE - 3, 0x33, 0x10243, 0xafc8, 0x2b},
    };
    model->after.cs.selector = KGDT64_R0_CODE;
    model->after.gpr[RS_RSP] = PROBE_RSP0 - 48;
    *seen = (struct rs_observation){
        .end = RS_END_FETCH, .arrival = RS_ARRIVED_GATE, .vector = 14, .state = model->after};
    memcpy(seen->frame, model->frame, sizeof(seen->frame));
}

static void compare(struct rs_finding *finding, const struct rs_model_result *model,
                    const struct rs_observation *seen, bool rf)
{
    memset(finding, 0, sizeof(*finding));
    rs_compare(finding, model, seen, rf);
}

static void assert_difference(const struct rs_finding *finding, const char *field)
{
    ck_assert_int_eq(finding->status, RS_STATUS_DEPARTS);
    ck_assert_uint_eq(finding->difference_count, 1);
    ck_assert_str_eq(finding->differences[0].field, field);
}

START_TEST(names_every_field_that_differs)
{
    struct rs_model_result model;
    struct rs_observation right, seen;
    struct rs_finding finding;

    page_fault(&model, &right);
    compare(&finding, &model, &right, true);
    ck_assert_int_eq(finding.status, RS_STATUS_OK);
#define DIFFERS(change, field)                                                                     \
    do {                                                                                           \
        seen = right;                                                                              \
        seen.change;                                                                               \
        compare(&finding, &model, &seen, true);                                                    \
        assert_difference(&finding, field);                                                        \
    } while (0)
    DIFFERS(state.cs.selector = 0x33, "CS");
    DIFFERS(state.cs.l = true, "CS.L");
    DIFFERS(state.ss.selector = 0x2b, "SS");
    DIFFERS(state.cpl = 3, "CPL");
    DIFFERS(state.rflags = 2, "RFLAGS");
    DIFFERS(state.cr2 = 0, "CR2");
    DIFFERS(state.gpr[RS_R15] = 1, "R15");
    DIFFERS(state.gpr[RS_RSP] -= 8, "RSP");
    DIFFERS(frame[0] = 6, "error code");
    DIFFERS(frame[1] += 3, "pushed RIP");
    DIFFERS(frame[2] = 0x30, "pushed CS");
    DIFFERS(frame[3] = 0x243, "pushed RFLAGS");
    DIFFERS(frame[4] = 0, "pushed RSP");
    DIFFERS(frame[5] = 0, "pushed SS");
    DIFFERS(vector = 13, RS_FIELD_OUTCOME);
    DIFFERS(arrival = RS_ARRIVED_DONE, RS_FIELD_OUTCOME);
    DIFFERS(end = RS_END_STUCK, RS_FIELD_OUTCOME);
#undef DIFFERS
}
END_TEST

START_TEST(leaves_rf_to_the_claims_about_it)
{
    struct rs_model_result model;
    struct rs_observation seen;
    struct rs_finding finding;

    page_fault(&model, &seen);
    seen.frame[3] &= ~RFLAGS_RF;
    compare(&finding, &model, &seen, false);
    ck_assert_int_eq(finding.status, RS_STATUS_OK);
    compare(&finding, &model, &seen, true);
    assert_difference(&finding, "pushed RFLAGS");
}
END_TEST

START_TEST(takes_either_ss_with_ist_in_ring_0)
{
    struct rs_model_result model;
    struct rs_observation seen;
    struct rs_finding finding;

    page_fault(&model, &seen);
    model.after.ss.selector = KGDT64_R0_DATA;
    seen.state.ss.selector = 0;
    compare(&finding, &model, &seen, true);
    assert_difference(&finding, "SS");
    model.ist = 1;
    compare(&finding, &model, &seen, true);
    ck_assert_int_eq(finding.status, RS_STATUS_OK);
    seen.state.ss.selector = KGDT64_R3_DATA;
    compare(&finding, &model, &seen, true);
    assert_difference(&finding, "SS");
}
END_TEST

START_TEST(says_what_happened)
{
    static const struct {
        const char *text;
        struct rs_observation seen;
    } rows[] = {
        {"#GP(0x10a)", {.arrival = RS_ARRIVED_GATE, .vector = RS_VECTOR_GP, .frame = {0x10a}}},
        {"#UD", {.arrival = RS_ARRIVED_GATE, .vector = RS_VECTOR_UD, .frame = {0x10a}}},
        {"vector 0x2e", {.arrival = RS_ARRIVED_GATE, .vector = 0x2e}},
        {"completes", {.arrival = RS_ARRIVED_DONE}},
        {"goes to 0x7000", {.arrival = RS_ARRIVED_ELSEWHERE, .state = {.rip = 0x7000}}},
        {"KVM exit reason 77", {.end = RS_END_OTHER, .number = 77}},
        {"KVM_RUN fails: Invalid argument", {.end = RS_END_FAILED, .number = 22}},
        {"the vCPU spins and never leaves", {.end = RS_END_STUCK}},
        {"KVM_EXIT_DEBUG", {.end = RS_END_DEBUG, .arrival = RS_ARRIVED_GATE}},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char text[96];

        rs_describe(&rows[i].seen, text, sizeof(text));
        ck_assert_str_eq(text, rows[i].text);
    }
}
END_TEST

START_TEST(keeps_as_many_differences_as_fit)
{
    struct rs_finding finding = {0};

    for (unsigned i = 0; i < RS_DIFFERENCES_MAX + 3; i++)
        rs_finding_differ_value(&finding, "a field whose name is longer than fits", i, i + 1);
    ck_assert_uint_eq(finding.difference_count, RS_DIFFERENCES_MAX);
    ck_assert_str_eq(finding.differences[2].got, "0x3");
    rs_finding_not_sdm(&finding);
    ck_assert_int_eq(finding.status, RS_STATUS_ABSENT);
}
END_TEST

START_TEST(needs_follow_from_the_field)
{
    const struct rs_claim *claim = rs_claim_find(&rs_group_gates, "int.ring3.dpl0");
    struct rs_finding finding = {.claim = claim};

    ck_assert_ptr_nonnull(claim);
    ck_assert_uint_eq(rs_finding_needs(&finding), 0);
    rs_finding_differ(&finding, "error code", "", "");
    rs_finding_differ(&finding, "pushed RIP", "", "");
    ck_assert_uint_eq(rs_finding_needs(&finding), RS_NEED_INT_N_GP);
    finding = (struct rs_finding){.claim = claim};
    rs_finding_differ(&finding, RS_FIELD_OUTCOME, "", "");
    ck_assert_uint_eq(rs_finding_needs(&finding), RS_NEED_INT_N_UD);
    finding = (struct rs_finding){.claim = claim};
    rs_finding_differ(&finding, "RFLAGS", "", "");
    ck_assert_uint_eq(rs_finding_needs(&finding), 0);
}
END_TEST

START_TEST(finds_and_removes_features)
{
    struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + sizeof(cpuid->entries[0]));

    ck_assert_ptr_nonnull(cpuid);
    cpuid->nent = 1;
    cpuid->entries[0] = (struct kvm_cpuid_entry2){.function = 1, .ecx = UINT32_MAX};
    ck_assert(rs_feature_in(cpuid, RS_FEATURE_NONE));
    ck_assert(rs_feature_in(cpuid, RS_FEATURE_POPCNT));
    ck_assert(!rs_feature_in(cpuid, RS_FEATURE_SEP));  /* EDX */
    ck_assert(!rs_feature_in(cpuid, RS_FEATURE_SMAP)); /* no leaf 7 */
    rs_feature_remove(cpuid, RS_FEATURE_POPCNT);
    rs_feature_remove(cpuid, RS_FEATURE_SMAP);
    rs_feature_remove(cpuid, RS_FEATURE_NONE);
    ck_assert_uint_eq(cpuid->entries[0].ecx, ~(1u << 23));
    free(cpuid);
}
END_TEST

/* Every claim is all right, but one departs. */
static void fabricate(struct rs_examination *examination, const char *departing)
{
    memset(examination, 0, sizeof(*examination));
    examination->count = rs_claim_count();
    examination->findings = calloc(examination->count, sizeof(examination->findings[0]));
    ck_assert_ptr_nonnull(examination->findings);
    examination->totals[RS_STATUS_OK] = (unsigned)examination->count - 1;
    examination->totals[RS_STATUS_DEPARTS] = 1;
    for (size_t group = 0, next = 0; group < rs_group_count; group++) {
        for (size_t i = 0; i < rs_groups[group]->count; i++, next++) {
            struct rs_finding *finding = &examination->findings[next];

            finding->claim = &rs_groups[group]->claims[i];
            if (strcmp(finding->claim->id, departing) == 0)
                rs_finding_differ_value(finding, "CPL", 0, 3);
            examination->needs |= rs_finding_needs(finding);
        }
    }
}

START_TEST(prints_a_table)
{
    struct rs_examination examination;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fabricate(&examination, "syscall.entry");
    ck_assert_int_eq(rs_examination_print(&examination, (struct rs_report_style){0}, out), 0);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "\n  DEPARTS  syscall.entry "));
    ck_assert_ptr_nonnull(strstr(text, "\n           CPL: expected 0, got 0x3\n"));
    ck_assert_ptr_nonnull(strstr(text, " 1 depart from the SDM, 0 absent, 0 skipped\n"));
    ck_assert_ptr_nonnull(strstr(text, "\n--repair=on puts right: SYSCALL"));
    ck_assert_ptr_null(strchr(text, '\033'));
    free(text);
    rs_examination_free(&examination);
}
END_TEST

static json_t *line_of(json_t *report, const char *id)
{
    json_t *line;
    size_t i;

    json_array_foreach(json_object_get(report, "lines"), i,
                       line) if (strcmp(json_string_value(json_object_get(line, "id")), id) ==
                                 0) return line;
    return NULL;
}

START_TEST(prints_json)
{
    struct rs_examination examination;
    const char *status, *field;
    json_t *report, *differences;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fabricate(&examination, "syscall.entry");
    ck_assert_int_eq(rs_examination_print_json(&examination, out), 0);
    fclose(out);
    report = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(report);
    ck_assert_int_eq(json_integer_value(json_object_get(report, "schema_version")), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(report, "lines")), examination.count);
    ck_assert_int_eq(json_unpack(line_of(report, "syscall.entry"), "{s:s, s:o}", "status", &status,
                                 "differences", &differences),
                     0);
    ck_assert_str_eq(status, "departs");
    ck_assert_int_eq(json_unpack(differences, "[{s:s}]", "field", &field), 0);
    ck_assert_str_eq(field, "CPL");
    json_decref(report);
    free(text);
    rs_examination_free(&examination);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("doctor");

    UNIT_ADD(suite, every_claim_is_complete);
    UNIT_ADD(suite, every_need_has_a_claim);
    UNIT_ADD(suite, what_departs_is_repaired);
    UNIT_ADD(suite, what_was_not_measured_is_no_need);
    UNIT_ADD(suite, tells_where_the_guest_has_arrived);
    UNIT_ADD(suite, names_every_field_that_differs);
    UNIT_ADD(suite, leaves_rf_to_the_claims_about_it);
    UNIT_ADD(suite, takes_either_ss_with_ist_in_ring_0);
    UNIT_ADD(suite, says_what_happened);
    UNIT_ADD(suite, keeps_as_many_differences_as_fit);
    UNIT_ADD(suite, needs_follow_from_the_field);
    UNIT_ADD(suite, finds_and_removes_features);
    UNIT_ADD(suite, prints_a_table);
    UNIT_ADD(suite, prints_json);
    return unit_run(suite);
}
