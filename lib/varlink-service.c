/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Which method a call is for, and the methods that every Varlink service has. */

#include "config.h"

#include "lib/varlink-service.h"

#include <string.h>

static void get_info(void *ctx, struct varlink_call *call, json_t *parameters)
{
	const struct varlink_service *service = ctx;

	varlink_reply(call, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "Masq-Gate", "product", service->product, "version",
				      service->version, "url", "", "interfaces", "org.varlink.service",
				      service->interface));
}

static const char varlink_service_description[] =
	"interface org.varlink.service\n"
	"method GetInfo() -> (vendor: string, product: string, version: string, url: string, interfaces: []string)\n"
	"method GetInterfaceDescription(interface: string) -> (description: string)\n"
	"error InterfaceNotFound (interface: string)\n"
	"error MethodNotFound (method: string)\n"
	"error MethodNotImplemented (method: string)\n"
	"error InvalidParameter (parameter: string)\n"
	"error PermissionDenied ()\n"
	"error ExpectedMore ()\n";

static void get_interface_description(void *ctx, struct varlink_call *call, json_t *parameters)
{
	const struct varlink_service *service = ctx;
	const char *interface = json_string_value(json_object_get(parameters, "interface"));

	if (!interface)
		varlink_error_parameter(call, "interface");
	else if (strcmp(interface, service->interface) == 0)
		varlink_reply(call, json_pack("{s:s}", "description", service->description));
	else if (strcmp(interface, "org.varlink.service") == 0)
		varlink_reply(call, json_pack("{s:s}", "description", varlink_service_description));
	else
		varlink_error(call, "org.varlink.service.InterfaceNotFound", json_pack("{s:s}", "interface", interface));
}

static const struct varlink_method introspection[] = {
	{ "org.varlink.service.GetInfo", VARLINK_EVERYBODY, .call = get_info },
	{ "org.varlink.service.GetInterfaceDescription", VARLINK_EVERYBODY, .call = get_interface_description },
	{ 0 },
};

static const struct varlink_method *find_method(const struct varlink_method *table, const char *name)
{
	while (table->name && strcmp(table->name, name) != 0)
		table++;
	return table->name ? table : NULL;
}

void varlink_service_call(const struct varlink_service *service, enum varlink_access access, struct varlink_call *call, const char *name,
			  json_t *parameters)
{
	const struct varlink_method *method = find_method(introspection, name);
	const char *dot = strrchr(name, '.');

	if (method) {
		method->call((void *)service, call, parameters);
		return;
	}
	method = find_method(service->methods, name);
	if (!method && dot && (size_t)(dot - name) == strlen(service->interface) && strncmp(name, service->interface, dot - name) == 0)
		varlink_error(call, "org.varlink.service.MethodNotFound", json_pack("{s:s}", "method", name));
	else if (!method)
		varlink_error(call, "org.varlink.service.InterfaceNotFound", json_pack("{s:s%}", "interface", name, dot ? dot - name : 0));
	else if (access < method->access)
		varlink_error(call, "org.varlink.service.PermissionDenied", json_object());
	else if (method->needs_more && !varlink_call_wants_more(call))
		varlink_error(call, "org.varlink.service.ExpectedMore", json_object());
	else
		method->call(service->ctx, call, parameters);
}
