/* SPDX-License-Identifier: MIT
 * The views of inspect, as text or as JSON. */
#include "inspect.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_VERSION 1

/* The event as trace prints it, without times. The caller frees it. */
static char *event_text(const struct rs_inspection *inspection, const struct rs_event *event)
{
    struct rs_text text = {.symbols = inspection->symbols};
    char *line = NULL;
    size_t size;

    rs_clock_start(&text.clock, inspection->machine->tsc_hz);
    text.file = open_memstream(&line, &size);
    if (!text.file)
        return NULL;
    rs_text_event(&text, event);
    fclose(text.file);
    if (line)
        line[strcspn(line, "\n")] = '\0';
    return line;
}

static json_t *view_rows(const struct rs_view *view)
{
    json_t *rows = json_array(), *row = NULL;

    for (size_t i = 0; rows && i < view->cell_count; i++) {
        if (i % view->column_count == 0) {
            row = json_object();
            json_array_append_new(rows, row);
        }
        json_object_set_new(row, view->columns[i % view->column_count],
                            json_string(view->cells[i]));
    }
    return rows;
}

static void add_json(json_t *root, const struct rs_view *view, const char *problem)
{
    json_t *object =
        problem ? json_pack("{s:s}", "problem", problem)
                : json_pack("{s:s, s:o}", "caption", view->caption, "rows", view_rows(view));

    json_object_set_new(root, view->name, object);
}

static int print_json(json_t *root)
{
    int result = root ? json_dumpf(root, stdout, JSON_INDENT(2)) : -1;

    fputc('\n', stdout);
    return result;
}

static json_t *head_json(const struct rs_inspection *inspection, const struct rs_point *point,
                         const char *event)
{
    return json_pack("{s:i, s:s, s:i, s:s?}", "schema", SCHEMA_VERSION, "at", point->text, "vcpu",
                     (int)inspection->vcpu->index, "event", event);
}

static void add(const struct rs_inspect_request *request, json_t *root, const struct rs_view *view,
                const char *problem)
{
    if (request->json)
        add_json(root, view, problem);
    else if (problem)
        printf("\n%s (not shown)\n", problem);
    else {
        putchar('\n');
        rs_view_print(view, stdout);
    }
}

static int print_topic(const struct rs_inspection *inspection,
                       const struct rs_inspect_request *request, unsigned topic, json_t *root,
                       struct rs_error *error)
{
    struct rs_view view;
    int result;

    rs_view_init(&view, rs_inspect_topics[topic].name);
    result = rs_inspect_topics[topic].fill(inspection, &view, error);
    if (view.failed)
        result = rs_error_set(error, RS_EXIT_HOST, "out of memory");
    if (result == 0 || !request->any)
        add(request, root, &view, result == 0 ? NULL : error->message);
    rs_view_free(&view);
    return request->any ? result : 0;
}

static int print_topics(const struct rs_inspection *inspection,
                        const struct rs_inspect_request *request, json_t *root,
                        struct rs_error *error)
{
    for (unsigned topic = 0; topic < RS_INSPECT_TOPIC_COUNT; topic++)
        if ((!request->any || request->topics[topic]) &&
            print_topic(inspection, request, topic, root, error) != 0)
            return -1;
    return 0;
}

int rs_inspect_print(const struct rs_inspection *inspection,
                     const struct rs_inspect_request *request, const struct rs_point *point)
{
    char *event = point->has_event ? event_text(inspection, &point->event) : NULL;
    json_t *root = request->json ? head_json(inspection, point, event) : NULL;
    char where[RS_SYMBOL_TEXT_MAX], vcpu[24] = "";
    struct rs_error error;
    int result;

    rs_symbols_format(inspection->symbols, inspection->state.rip, where, sizeof(where));
    if (inspection->machine->cpu_count > 1)
        snprintf(vcpu, sizeof(vcpu), "on vCPU %u ", inspection->vcpu->index);
    if (!request->json)
        printf("stopped at %s, %sin ring %u at %s%s%s\n", point->text, vcpu, inspection->state.cpl,
               where, event ? ": " : "", event ? event : "");
    result = print_topics(inspection, request, root, &error);
    if (result == 0 && request->json && print_json(root) != 0)
        result = rs_error_set(&error, RS_EXIT_OUTPUT, "output 'stdout': %s", strerror(errno));
    json_decref(root);
    free(event);
    if (result == 0 && (fflush(stdout) != 0 || ferror(stdout)))
        result = rs_error_set(&error, RS_EXIT_OUTPUT, "output 'stdout': %s", strerror(errno));
    if (result == 0)
        return RS_EXIT_SUCCESS;
    fprintf(stderr, "ringscope: %s\n", error.message);
    return error.exit_code;
}
