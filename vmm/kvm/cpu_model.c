/* SPDX-License-Identifier: MIT
 * What a guest's CPUID says otherwise than the host's KVM offers: reading it. */
#include "cpu_model.h"

#include <string.h>

static const char *const features[] = {
#define X(name, leaf, subleaf, register, bit) name,
    RS_CPU_FEATURES(X)
#undef X
};
#define FEATURE_COUNT (sizeof(features) / sizeof(features[0]))
_Static_assert(FEATURE_COUNT <= RS_CPU_FEATURES_MAX, "each feature has its change");

const char *rs_cpu_feature_names(void)
{
#define X(name, leaf, subleaf, register, bit) name " "
    return RS_CPU_FEATURES(X);
#undef X
}

/* One item of the list, without its comma. */
struct item {
    const char *text;
    size_t size;
};

static bool is(const struct item *item, const char *text)
{
    return strlen(text) == item->size && memcmp(item->text, text, item->size) == 0;
}

static int bad(const struct item *item, struct rs_error *error, const char *what)
{
    return rs_error_set(error, RS_EXIT_USAGE, "--cpu '%.*s': %s", (int)item->size, item->text,
                        what);
}

static int set_vendor(const struct item *item, struct rs_cpu_model *model, struct rs_error *error)
{
    static const char prefix[] = "vendor=";
    size_t skip = sizeof(prefix) - 1;

    if (item->size != skip + RS_CPU_VENDOR_SIZE)
        return bad(item, error, "a vendor has 12 characters, as GenuineIntel or AuthenticAMD");
    memcpy(model->vendor, item->text + skip, RS_CPU_VENDOR_SIZE);
    return 0;
}

/* +NAME, -NAME, NAME=on, NAME=off, NAME. */
static int set_feature(const struct item *item, struct rs_cpu_model *model, struct rs_error *error)
{
    struct item name = *item;
    const char *equals;
    bool on = true;

    if (name.text[0] == '+' || name.text[0] == '-') {
        on = name.text[0] == '+';
        name.text++;
        name.size--;
    } else if ((equals = memchr(name.text, '=', name.size))) {
        struct item value = {equals + 1, name.size - (size_t)(equals + 1 - name.text)};

        on = is(&value, "on");
        if (!on && !is(&value, "off"))
            return bad(item, error, "a feature is on or off");
        name.size = (size_t)(equals - name.text);
    }
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        if (!is(&name, features[i]))
            continue;
        model->changes[i] = on ? RS_CPU_ON : RS_CPU_OFF; /* the last word counts */
        return 0;
    }
    return rs_error_set(error, RS_EXIT_USAGE,
                        "--cpu '%.*s': features are vendor=NAME hv-passthrough %s", (int)item->size,
                        item->text, rs_cpu_feature_names());
}

int rs_cpu_model_parse(const char *text, struct rs_cpu_model *model, struct rs_error *error)
{
    memset(model, 0, sizeof(*model));
    for (bool first = true, more = true; more; first = false) {
        struct item item = {text, strcspn(text, ",")};
        int result;

        more = text[item.size] == ',';
        text += item.size + more;
        if (first && (is(&item, "host") || is(&item, "max")))
            continue;
        if (is(&item, "hv-passthrough") || is(&item, "hv_passthrough")) {
            model->hyperv = true;
            continue;
        }
        if (item.size == 0)
            return bad(&item, error, "an empty item");
        result = item.size > 7 && memcmp(item.text, "vendor=", 7) == 0
                     ? set_vendor(&item, model, error)
                     : set_feature(&item, model, error);
        if (result != 0)
            return -1;
    }
    return 0;
}
