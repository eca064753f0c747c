/* The node's address as K3s finds it: --node-ip, else the interface of the default route
 * (k3s pkg/util GetHostnameAndIPs, apimachinery ChooseHostInterface). */
#ifndef K3S_ADDRESS_H
#define K3S_ADDRESS_H

#include "src/k3s/layout.h"

/* `node_ip` is a comma-separated list whose first entry counts, or NULL or "" for the interface of
 * the default route. ERR_USAGE for what is no address, ERR_NOTFOUND when there is no default route.
 * `ret` holds the plain address without brackets. */
int k3s_node_address(const char *node_ip, char ret[static K3S_ADDRESS_SIZE], struct err *err);

/* https://ADDRESS:2380, an IPv6 address in brackets. */
int k3s_peer_url(const char *address, char ret[static K3S_URL_SIZE], struct err *err);

/* Interface of the first default route in the text of /proc/net/route (IPv4) or
 * /proc/net/ipv6_route; false when there is none. `ret` holds 16 bytes (IFNAMSIZ). */
bool k3s_default_route_ipv4(const char *text, char ret[static 16]);
bool k3s_default_route_ipv6(const char *text, char ret[static 16]);

#endif
