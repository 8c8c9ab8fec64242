/* SPDX-License-Identifier: Apache-2.0
 *
 * tidy.c - reads our own sources and says where they break the rules of the house that no compiler knows: calls a room must not
 * make, includes against the direction of the rooms, lengths, opening comments, guards, notes without owner, a README whose tour is
 * not the real one. `tidy --self-test` gives each rule examples it must find and examples it must not. One thread.
 *
 * A line is excused by a comment on it that begins with "tidy:" and says why; a long function by "long:" in the comment above it, a
 * long file by "long:" in its opening comment.
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_COLUMNS = 132, FUNCTION_MAX_LINES = 70, FILE_MAX_LINES = 800, DEPTH_MAX = 8, BYTES_MAX = 1 << 24 };

typedef struct source {
    const char *path; /* from the root of the repository */
    const char *text; /* as it is */
    char *code;       /* with comments and the insides of strings blanked, line breaks kept */
    size_t len;
} source;

/* Findings are counted by rule, so that the self-test can ask for exactly one rule. */
static unsigned findings;
static const char *last_rule = "";
static bool silent;

static void found(const char *path, size_t line, const char *rule, const char *format, ...) __attribute__((format(printf, 4, 5)));
static void found(const char *path, size_t line, const char *rule, const char *format, ...)
{
    findings++;
    last_rule = rule;
    if (silent) return;
    va_list args;
    va_start(args, format);
    printf("%s:%zu: %s: ", path, line, rule);
    vprintf(format, args);
    printf("\n");
    va_end(args);
}

/* ---- text ---- */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool ends(const char *text, const char *with)
{
    size_t n = strlen(text), k = strlen(with);
    return n >= k && strcmp(text + n - k, with) == 0;
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t line_of(const source *s, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at; i++) line += s->text[i] == '\n';
    return line;
}

static size_t line_start(const source *s, size_t at)
{
    while (at && s->text[at - 1] != '\n') at--;
    return at;
}

static size_t line_end(const source *s, size_t at)
{
    while (at < s->len && s->text[at] != '\n') at++;
    return at;
}

static bool line_has(const source *s, size_t at, const char *what)
{
    size_t from = line_start(s, at), to = line_end(s, at), k = strlen(what);
    for (size_t i = from; i + k <= to; i++)
        if (memcmp(s->text + i, what, k) == 0) return true;
    return false;
}

static void blank_code(source *s)
{
    enum { CODE, LINE, BLOCK, STRING, CHARACTER } in = CODE;
    memcpy(s->code, s->text, s->len + 1);
    for (size_t i = 0; i < s->len; i++) {
        char c = s->text[i], next = s->text[i + 1];
        bool blank = in != CODE;
        if (in == CODE && c == '/' && next == '*')
            in = BLOCK, blank = true;
        else if (in == CODE && c == '/' && next == '/')
            in = LINE, blank = true;
        else if (in == CODE && c == '"')
            in = STRING;
        else if (in == CODE && c == '\'')
            in = CHARACTER;
        else if ((in == STRING || in == CHARACTER) && c == '\\')
            s->code[i++] = ' ';
        else if (in == STRING && c == '"')
            in = CODE, blank = false;
        else if (in == CHARACTER && c == '\'')
            in = CODE, blank = false;
        else if (in == LINE && c == '\n')
            in = CODE;
        else if (in == BLOCK && c == '*' && next == '/')
            s->code[i++] = ' ', in = CODE;
        if (blank && s->text[i] != '\n') s->code[i] = ' ';
    }
}

/* ---- rules on C ---- */

typedef struct ban {
    const char *rooms; /* blank-separated beginnings of paths; "" everywhere */
    const char *calls; /* " name name " */
    const char *why;
    const char *except; /* the one file that may, or NULL */
} ban;

static const ban bans[] = {
    { "", " strtok strtok_r sscanf strcpy strcat sprintf vsprintf atoi atol atof gets ",
      "slices, snprintf or a parser of our own instead", NULL },
    { "translator/ codecs/", " time rand srand random getenv clock gettimeofday localtime gmtime ",
      "the outside world comes through dgm_world", NULL },
    { "translator/ codecs/", " malloc calloc realloc free strdup strndup asprintf ", "memory comes through dgm_mem",
      "translator/base/arena.c" },
    { "translator/ codecs/", " strtod strtof atof ", "no value passes through a float", NULL },
    { "translator/ codecs/ gateway/", " assert abort ", "bad input is a diagnostic; our own mistakes are DGM_DEFECT", NULL },
};

static bool in_rooms(const char *path, const char *rooms)
{
    if (!*rooms) return true;
    for (const char *r = rooms; *r;) {
        size_t n = strcspn(r, " ");
        if (strncmp(path, r, n) == 0) return true;
        r += n + (r[n] == ' ');
    }
    return false;
}

static void rule_calls(const source *s)
{
    for (size_t i = 0; i < s->len; i++) {
        if (!word_char(s->code[i]) || (i && word_char(s->code[i - 1]))) continue;
        size_t n = 0;
        while (word_char(s->code[i + n])) n++;
        char name[64];
        /* A field or a function of another object is not the C library's. */
        bool member = i && (s->code[i - 1] == '.' || (i > 1 && s->code[i - 1] == '>' && s->code[i - 2] == '-'));
        if (s->code[i + n] == '(' && n < sizeof name - 2 && !member) {
            snprintf(name, sizeof name, " %.*s ", (int)n, s->code + i);
            for (size_t k = 0; k < sizeof bans / sizeof *bans; k++)
                if (in_rooms(s->path, bans[k].rooms) && !(bans[k].except && strcmp(s->path, bans[k].except) == 0) &&
                    strstr(bans[k].calls, name) && !line_has(s, i, "tidy:"))
                    found(s->path, line_of(s, i), "banned-call", "%.*s(): %s", (int)n, s->code + i, bans[k].why);
        }
        i += n;
    }
}

/* What a room must not know of. The longest beginning that fits a path decides. */
static const struct direction {
    const char *room, *never;
} directions[] = {
    { "translator/base/", " model/ mapping/ codecs/ gateway/ conformance-tests/ " },
    { "translator/model/", " mapping/ codecs/ gateway/ conformance-tests/ " },
    { "translator/mapping/", " codecs/edifact codecs/xml codecs/json codecs/flat gateway/ conformance-tests/ " },
    { "translator/", " gateway/ conformance-tests/ " },
    { "codecs/", " mapping/ translator/mapping/ gateway/ conformance-tests/ " },
    { "gateway/", " conformance-tests/ " },
};

static void rule_includes(const source *s)
{
    const struct direction *d = NULL;
    for (size_t i = 0; i < sizeof directions / sizeof *directions && !d; i++)
        if (begins(s->path, directions[i].room)) d = &directions[i];
    for (const char *at = s->text; d && (at = strstr(at, "#include \"")); at++) {
        const char *name = at + 10;
        while (begins(name, "../")) name += 3;
        if (begins(name, "translator/")) name += 11;
        for (const char *n = d->never; *n;) {
            n += *n == ' ';
            size_t k = strcspn(n, " ");
            if (k && strncmp(name, n, k) == 0)
                found(s->path, line_of(s, (size_t)(at - s->text)), "include-direction", "%.*s must not know of %.*s",
                      (int)strlen(d->room), d->room, (int)strcspn(name, "\""), name);
            n += k;
        }
    }
}

static void rule_lines(const source *s)
{
    size_t line = 1, columns = 0;
    for (size_t i = 0; i <= s->len; i++) {
        if (i < s->len && s->text[i] != '\n') {
            columns += ((unsigned char)s->text[i] & 0xC0) != 0x80;
            continue;
        }
        /* A list of codes has one row a line, however long its text. */
        if (columns > LINE_MAX_COLUMNS && !ends(s->path, ".def"))
            found(s->path, line, "line-length", "%zu columns; at most %d", columns, LINE_MAX_COLUMNS);
        if (i && (s->text[i - 1] == ' ' || s->text[i - 1] == '\t'))
            found(s->path, line, "trailing-blank", "blanks at the end of the line");
        line++;
        columns = 0;
    }
}

/* In our layout a line that is only "{" opens a function, and one that begins with "}" closes it. */
static void rule_functions(const source *s)
{
    size_t line = 1, opened = 0, opened_at = 0;
    for (size_t i = 0; i < s->len; line++) {
        size_t end = line_end(s, i);
        if (end - i == 1 && s->code[i] == '{') opened = line, opened_at = i;
        if (s->code[i] == '}' && opened) {
            size_t lines = line - opened - 1, head = opened_at;
            /* The comment and the head of the function: back to the empty line before it. */
            while (head > 1 && !(s->text[head - 1] == '\n' && s->text[head - 2] == '\n')) head--;
            const char *reason = strstr(s->text + head, "long:");
            if (lines > FUNCTION_MAX_LINES && !(reason && reason < s->text + opened_at))
                found(s->path, opened, "function-length", "%zu lines; at most %d, or a comment above it that says \"long: why\"",
                      lines, FUNCTION_MAX_LINES);
            opened = 0;
        }
        i = end + 1;
    }
    const char *head_end = strstr(s->text, "*/");
    const char *reason = strstr(s->text, "long:");
    if (line - 1 > FILE_MAX_LINES && !(reason && head_end && reason < head_end))
        found(s->path, 1, "file-length", "%zu lines; at most %d, or \"long: why\" in the opening comment", line - 1,
              FILE_MAX_LINES);
}

static void rule_opening(const source *s)
{
    const char *name = strrchr(s->path, '/') ? strrchr(s->path, '/') + 1 : s->path;
    if (ends(s->path, ".def")) {
        if (!begins(s->text, "/* ")) found(s->path, 1, "opening-comment", "begins with a comment that says what it lists");
        return;
    }
    if (!begins(s->text, "/* SPDX-License-Identifier: Apache-2.0\n")) {
        found(s->path, 1, "opening-comment", "the first line is \"/* SPDX-License-Identifier: Apache-2.0\"");
        return;
    }
    char purpose[300];
    snprintf(purpose, sizeof purpose, "\n * %s - ", name);
    const char *at = strstr(s->text, purpose), *end = strstr(s->text, "*/");
    if (!at || !end || at > end) found(s->path, 3, "opening-comment", "says \"%s - what it is for\"", name);
}

static void rule_guard(const source *s)
{
    if (!ends(s->path, ".h")) return;
    const char *first = s->code;
    while ((first = strchr(first, '#')) && first != s->code && first[-1] != '\n') first++;
    char name[128] = "", again[128] = "";
    bool good = false;
    if (first && begins(first, "#ifndef ")) {
        size_t n = strcspn(first + 8, " \n");
        if (n < sizeof name) memcpy(name, first + 8, n);
        snprintf(again, sizeof again, "\n#define %.100s\n", name);
        good = *name && strstr(first, again) == first + 8 + n;
    }
    if (!good) found(s->path, 1, "header-guard", "begins with #ifndef NAME and #define NAME");
}

static void rule_notes(const source *s)
{
    static const char *const words[] = { "TODO", "FIXME", "XXX", "HACK" };
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        for (const char *at = s->text; (at = strstr(at, words[k])); at++) {
            size_t n = strlen(words[k]);
            if ((at > s->text && word_char(at[-1])) || word_char(at[n]) || at[-1] == '"' ||
                line_has(s, (size_t)(at - s->text), "tidy:"))
                continue;
            if (at[n] == '(' && word_char(at[n + 1])) continue;
            found(s->path, line_of(s, (size_t)(at - s->text)), "note-without-owner", "%s(owner) says who will", words[k]);
        }
}

static void rule_sleep(const source *s)
{
    static const char *const calls[] = { "sleep(", "usleep(", "nanosleep(", "sleep " };
    if (!begins(s->path, "conformance-tests/")) return;
    bool shell = ends(s->path, ".sh");
    for (size_t k = 0; k < 4; k++) {
        if ((k == 3) != shell) continue;
        for (const char *at = s->code; (at = strstr(at, calls[k])); at++) {
            if (at > s->code && word_char(at[-1])) continue;
            size_t here = (size_t)(at - s->code);
            if (line_has(s, here, shell ? "# " : "/* ")) continue;
            found(s->path, line_of(s, here), "sleep-without-reason", "wait for a fact, or say on the line what the delay means");
        }
    }
}

static void rule_script(const source *s)
{
    const char *at = strstr(s->text, "SPDX-License-Identifier: Apache-2.0");
    if (!at || at - s->text > 120) found(s->path, 1, "opening-comment", "names its licence in the second line");
}

static void check(source *s)
{
    bool c = ends(s->path, ".c") || ends(s->path, ".h") || ends(s->path, ".def");
    if (c)
        blank_code(s);
    else
        memcpy(s->code, s->text, s->len + 1);
    rule_lines(s);
    rule_notes(s);
    rule_sleep(s);
    if (!c) {
        rule_script(s);
        return;
    }
    rule_opening(s);
    rule_guard(s);
    rule_calls(s);
    rule_includes(s);
    rule_functions(s);
}

/* ---- the tour of the README ---- */

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Every `folder/` that it names must be there. */
static void tour_named(const char *readme, bool (*there)(const char *path))
{
    size_t line = 1;
    for (const char *at = readme; *at; at++) {
        line += *at == '\n';
        if (*at != '`') continue;
        size_t n = strcspn(at + 1, "`\n ");
        char path[256];
        if (at[1 + n] == '`' && n > 1 && n < sizeof path && at[n] == '/' && at[1] != '/' && at[1] != '.') {
            snprintf(path, sizeof path, "%.*s", (int)n - 1, at + 1);
            if (word_char(path[0]) && !there(path)) found("README.md", line, "readme-tour", "there is no folder %s", path);
        }
        if (at[1 + n] == '`') at += n + 1;
    }
}

static void tour_real(const char *readme, const char *folder)
{
    char wanted[4200];
    snprintf(wanted, sizeof wanted, "`%s/`", folder);
    if (!strstr(readme, wanted)) found("README.md", 1, "readme-tour", "the tour does not name %s", wanted);
}

/* ---- the tree ---- */

static char *slurp(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *at = f ? malloc(BYTES_MAX) : NULL;
    *len = at ? fread(at, 1, BYTES_MAX - 2, f) : 0;
    if (f) fclose(f);
    if (at) at[*len] = at[*len + 1] = 0;
    return at;
}

static void check_file(const char *path)
{
    static const char *const kinds[] = { ".c", ".h", ".def", ".sh", ".py" };
    bool ours = false;
    for (size_t i = 0; i < 5; i++) ours = ours || ends(path, kinds[i]);
    size_t len;
    char *text = ours ? slurp(path, &len) : NULL;
    if (!text) return;
    source s = { path, text, malloc(len + 2), len };
    if (s.code) {
        s.code[len + 1] = 0;
        check(&s);
    }
    free(s.code);
    free(text);
}

static void walk(const char *folder, const char *readme, int depth)
{
    struct dirent **names;
    int n = depth < DEPTH_MAX ? scandir(folder, &names, NULL, alphasort) : -1;
    for (int i = 0; i < n; i++) {
        char path[4096];
        bool fits = names[i]->d_name[0] != '.' && snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name) < (int)sizeof path;
        free(names[i]);
        if (!fits) continue;
        if (!is_folder(path)) {
            check_file(path);
            continue;
        }
        if (readme && depth == 0) tour_real(readme, path);
        walk(path, readme, depth + 1);
    }
    if (n >= 0) free(names);
}

static int check_tree(const char *root)
{
    static const char *const rooms[] = { "translator", "codecs", "gateway", "conformance-tests", "mappings" };
    if (chdir(root) != 0) {
        fprintf(stderr, "tidy: there is no folder %s\n", root);
        return 3;
    }
    size_t len;
    char *readme = slurp("README.md", &len);
    if (!readme)
        found("README.md", 1, "readme-tour", "there is no README.md");
    else
        tour_named(readme, is_folder);
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        if (!is_folder(rooms[i])) continue;
        if (readme) tour_real(readme, rooms[i]);
        walk(rooms[i], strcmp(rooms[i], "conformance-tests") == 0 ? NULL : readme, 0);
    }
    free(readme);
    printf("tidy: %u finding%s\n", findings, findings == 1 ? "" : "s");
    return findings ? 1 : 0;
}

/* ---- the rules on trial ---- */

#define HEAD(name)  "/* SPDX-License-Identifier: Apache-2.0\n *\n * " name " - x.\n */\n"
#define GUARD(name) HEAD(name) "#ifndef A_H\n#define A_H\n"
static const struct example {
    const char *path, *text, *rule; /* rule NULL: nothing may be found */
} examples[] = {
    { "codecs/a.c", HEAD("a.c") "int x;\n", NULL },
    { "codecs/a.c", HEAD("a.c") "int f(void)\n{\n    return time(0);\n}\n", "banned-call" },
    { "gateway/cli/a.c", HEAD("a.c") "int f(void)\n{\n    return time(0);\n}\n", NULL },
    { "codecs/a.c", HEAD("a.c") "/* time(0) */ const char *s = \"rand()\";\n", NULL },
    { "codecs/a.c", HEAD("a.c") "int f(a *x)\n{\n    return x->time(0) + x.free(1);\n}\n", NULL },
    { "translator/base/a.c", HEAD("a.c") "void *f(void)\n{\n    return malloc(1);\n}\n", "banned-call" },
    { "translator/base/a.c", HEAD("a.c") "void *f(void)\n{\n    return malloc(1); /* tidy: the default allocator */\n}\n", NULL },
    { "conformance-tests/unit/a.c", HEAD("a.c") "int f(void)\n{\n    return atoi(\"1\");\n}\n", "banned-call" },
    { "translator/model/a.c", HEAD("a.c") "double f(const char *s)\n{\n    return strtod(s, 0);\n}\n", "banned-call" },
    { "translator/model/a.c", HEAD("a.c") "void f(void)\n{\n    abort();\n}\n", "banned-call" },
    { "translator/base/a.c", HEAD("a.c") "#include \"model/tree.h\"\n", "include-direction" },
    { "translator/model/a.c", HEAD("a.c") "#include \"base/slice.h\"\n", NULL },
    { "translator/model/a.c", HEAD("a.c") "#include \"../mapping/mapping.h\"\n", "include-direction" },
    { "codecs/xml/a.c", HEAD("a.c") "#include \"mapping/mapping.h\"\n", "include-direction" },
    { "codecs/xml/a.c", HEAD("a.c") "#include \"translator/mapping/mapping.h\"\n", "include-direction" },
    { "translator/mapping/a.c", HEAD("a.c") "#include \"codecs/edifact/reader.h\"\n", "include-direction" },
    { "translator/a.c", HEAD("a.c") "#include \"gateway/cli/cli.h\"\n", "include-direction" },
    { "codecs/a.c", HEAD("a.c") "int x; \n", "trailing-blank" },
    { "codecs/a.c",
      HEAD("a.c") "int "
                  "a234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012"
                  "345678901234567;\n",
      NULL },
    { "codecs/a.c",
      HEAD("a.c") "int "
                  "a234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012"
                  "345678901234567890;\n",
      "line-length" },
    { "codecs/a.c", "int x;\n", "opening-comment" },
    { "codecs/a.c", HEAD("b.c") "int x;\n", "opening-comment" },
    { "codecs/a.def", "X(1)\n", "opening-comment" },
    { "codecs/a.def", "/* codes */\nX(1)\n", NULL },
    { "codecs/a.h", GUARD("a.h") "#endif\n", NULL },
    { "codecs/a.h", HEAD("a.h") "int x;\n", "header-guard" },
    { "codecs/a.h", HEAD("a.h") "#ifndef A_H\n#define B_H\n#endif\n", "header-guard" },
    { "codecs/a.c", HEAD("a.c") "/* TODO: later */\n", "note-without-owner" }, /* tidy: an example */
    { "codecs/a.c", HEAD("a.c") "/* TODO(anna): with the next directory */\n", NULL },
    { "codecs/a.c", HEAD("a.c") "/* FIXME */\n", "note-without-owner" }, /* tidy: an example */
    { "conformance-tests/a.c", HEAD("a.c") "void f(void)\n{\n    sleep(1);\n}\n", "sleep-without-reason" },
    { "conformance-tests/a.c", HEAD("a.c") "void f(void)\n{\n    sleep(1); /* a second is what the clock must move on by */\n}\n",
      NULL },
    { "conformance-tests/a.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\nsleep 1\n", "sleep-without-reason" },
    { "conformance-tests/a.sh", "#!/bin/sh\nexit 0\n", "opening-comment" },
};

static bool no_folder(const char *path)
{
    return strcmp(path, "real") == 0;
}

static unsigned tried, wrong;

static void expect(const char *what, const char *rule)
{
    bool good = rule ? findings == 1 && strcmp(last_rule, rule) == 0 : findings == 0;
    tried++;
    if (good) return;
    wrong++;
    printf("tidy: expected %s and found %u (%s) in:\n%s\n", rule ? rule : "nothing", findings, last_rule, what);
}

static void try_text(const char *path, const char *text, const char *rule)
{
    size_t len = strlen(text);
    source s = { path, text, calloc(len + 2, 1), len };
    findings = 0;
    if (s.code) check(&s);
    free(s.code);
    expect(len < 2000 ? text : path, rule);
}

static void try_lengths(void)
{
    static const struct {
        unsigned lines;
        const char *above, *head, *rule;
    } cases[] = {
        { 70, "", "x", NULL },
        { 71, "", "x", "function-length" },
        { 71, "/* long: a table */\n", "x", NULL },
    };
    char *text = malloc(200000);
    if (!text) return;
    for (size_t i = 0; i < 3; i++) {
        int n = snprintf(text, 200000, "/* SPDX-License-Identifier: Apache-2.0\n *\n * a.c - x.\n */\n\n%sint f(void)\n{\n",
                         cases[i].above);
        for (unsigned k = 0; k < cases[i].lines; k++) n += snprintf(text + n, 100, "    x;\n");
        snprintf(text + n, 100, "}\n");
        try_text("codecs/a.c", text, cases[i].rule);
    }
    for (unsigned excused = 0; excused < 2; excused++) {
        int n = snprintf(text, 200000, "/* SPDX-License-Identifier: Apache-2.0\n *\n * a.c - x. %s\n */\n",
                         excused ? "long: one noun" : "");
        if (!excused) n = snprintf(text, 200000, HEAD("a.c"));
        for (unsigned k = 0; k < FILE_MAX_LINES; k++) n += snprintf(text + n, 100, "int x;\n");
        try_text("codecs/a.c", text, excused ? NULL : "file-length");
    }
    free(text);
}

static int self_test(void)
{
    silent = true;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) try_text(examples[i].path, examples[i].text, examples[i].rule);
    try_lengths();
    findings = 0;
    tour_named("see `real/` and `code`\n", no_folder);
    expect("a tour of real folders", NULL);
    tour_named("see `unreal/`\n", no_folder);
    expect("a tour that names what is not there", "readme-tour");
    findings = 0;
    tour_real("| `real/` |", "real");
    expect("a folder that is named", NULL);
    tour_real("| `real/` |", "other");
    expect("a folder that is not named", "readme-tour");
    printf("result tidy_rules: %u passed, %u failed\n", tried - wrong, wrong);
    return wrong ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--self-test") == 0) return self_test();
    return check_tree(argc > 1 ? argv[1] : ".");
}
