/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "masqd/forward-key.h"
#include "masqd/policy-key.h"

cfg_opt_t forward_key_opts[] = {
	CFG_STR("protocol", "tcp", CFGF_NONE),
	CFG_STR("port", NULL, CFGF_NONE),
	CFG_STR("to-port", NULL, CFGF_NONE),
	CFG_STR("to-address", NULL, CFGF_NONE),
	CFG_END(),
};

const char *forward_key_parse(const struct conf *conf, const char *text, void *member)
{
	struct forward forward;
	const char *wrong = forward_parse(text, &forward);

	return wrong ? wrong : forward_append(member, &forward);
}

/* Nothing, rather than an empty list, where sections may have said it all. */
void forward_key_print(FILE *out, const void *member)
{
	const struct forward_list *list = member;
	char text[FORWARD_TEXT_MAX];

	for (unsigned i = 0; i < list->count; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "{", forward_text(&list->forwards[i], text));
	if (list->count)
		fputc('}', out);
}

json_t *forward_key_json(const void *member)
{
	const struct forward_list *list = member;
	char text[FORWARD_TEXT_MAX];
	json_t *json = json_array();

	for (unsigned i = 0; i < list->count; i++)
		json_array_append_new(json, json_string(forward_text(&list->forwards[i], text)));
	return json;
}

void forward_key_release(void *member)
{
	struct forward_list *list = member;

	list->count = 0;
}

struct reader {
	struct conffile *file;
	const struct layer *layer;	/* of the section around it */
	cfg_t *section;
	unsigned line;
};

/* What is wrong with a key, or with the section as a whole if key is NULL. */
static void complain(const struct reader *r, const char *key, const char *reason)
{
	cfg_opt_t *opt = key ? cfg_getopt(r->section, key) : NULL;
	const char *value = opt ? cfg_opt_getstr(opt) : NULL;

	conffile_error(r->file, value ? conffile_value_line(r->file, opt, 0) : r->line, "%s \"%s\": forward \"%s\": %s%s%s%s%s", r->layer->kind,
		       r->layer->name, cfg_title(r->section), key ? key : "", key ? ": " : "", value ? value : "", value ? ": " : "", reason);
}

static bool read_key(const struct reader *r, const char *key, struct forward *forward,
		     const char *(*parse)(const char *text, struct forward *forward))
{
	const char *text = cfg_getstr(r->section, key);
	const char *wrong = text ? parse(text, forward) : "missing";

	if (wrong)
		complain(r, key, wrong);
	return !wrong;
}

static const char *parse_address(const char *text, struct forward *forward)
{
	const char *wrong = addr_parse(text, &forward->to_address);

	return wrong ? wrong : addr_objection(forward->to_address);
}

static bool read_section(const struct reader *r, struct forward *forward)
{
	const char *wrong = forward_parse_name(cfg_title(r->section), forward);
	bool has_protocol = read_key(r, "protocol", forward, forward_parse_protocol);
	bool is_right = read_key(r, "port", forward, forward_parse_ports) && has_protocol;

	if (wrong)
		complain(r, NULL, wrong);
	forward->to_port = forward->first;
	if (is_right && cfg_getstr(r->section, "to-port"))
		is_right = read_key(r, "to-port", forward, forward_parse_to_ports);
	if (cfg_getstr(r->section, "to-address"))
		is_right &= read_key(r, "to-address", forward, parse_address);
	return is_right && !wrong;
}

void forward_key_read(struct conffile *file, cfg_t *section, struct layer *layer, struct forward_list *list)
{
	const struct policy_key *key = policy_key_find("forwards");

	for (unsigned i = 0; i < cfg_size(section, "forward"); i++) {
		struct reader r = { .file = file, .layer = layer, .section = cfg_getnsec(section, "forward", i) };
		struct forward forward = { 0 };
		char text[FORWARD_TEXT_MAX];
		const char *wrong;

		r.line = conffile_section_line(file, r.section);
		if (!read_section(&r, &forward))
			continue;
		wrong = forward_append(list, &forward);
		if (wrong)
			complain(&r, NULL, wrong);
		layer_append(layer, key, forward_text(&forward, text), r.line);
	}
}
