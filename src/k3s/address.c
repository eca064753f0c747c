#include "src/k3s/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/auto.h"

enum {
    ROUTE_LINE_MAX = 512, /* bytes of a line of /proc/net/route */
    ROUTE_TABLE_MAX = 1 << 20,
    PEER_PORT = 2380,
};

static void ifaddrs_done(struct ifaddrs **slot)
{
    if (*slot != NULL)
        freeifaddrs(*slot);
}

/* Split a line at blanks; returns the number of fields found, at most `max`. */
static int split_fields(char *line, char **fields, int max)
{
    char *save = NULL;
    int n = 0;

    for (char *f = strtok_r(line, " \t\n", &save); f != NULL && n < max;
         f = strtok_r(NULL, " \t\n", &save))
        fields[n++] = f;
    return n;
}

static bool all_zero(const char *hex)
{
    return hex[0] != '\0' && strspn(hex, "0") == strlen(hex);
}

static bool take_interface(const char *name, char ret[static 16])
{
    int len = snprintf(ret, IFNAMSIZ, "%s", name);

    return len > 0 && len < IFNAMSIZ;
}

/* One line at a time, so that no text is changed. Returns false at the end. */
static bool next_line(const char **text, char line[static ROUTE_LINE_MAX])
{
    size_t len = strcspn(*text, "\n");
    size_t kept = len < ROUTE_LINE_MAX - 1 ? len : ROUTE_LINE_MAX - 1;

    if (**text == '\0')
        return false;
    memcpy(line, *text, kept);
    line[kept] = '\0';
    *text += len + ((*text)[len] == '\n' ? 1 : 0);
    return true;
}

/* Iface Destination Gateway Flags RefCnt Use Metric Mask ...; the header line is no route. */
bool k3s_default_route_ipv4(const char *text, char ret[static 16])
{
    char line[ROUTE_LINE_MAX];
    char *fields[8];

    while (next_line(&text, line)) {
        if (split_fields(line, fields, 8) < 8)
            continue;
        unsigned long flags = strtoul(fields[3], NULL, 16);
        if (all_zero(fields[1]) && all_zero(fields[7]) && (flags & 1) != 0)
            return take_interface(fields[0], ret);
    }
    return false;
}

/* dest destlen src srclen nexthop metric refcnt use flags iface; lo carries an unreachable one. */
bool k3s_default_route_ipv6(const char *text, char ret[static 16])
{
    char line[ROUTE_LINE_MAX];
    char *fields[10];

    while (next_line(&text, line)) {
        if (split_fields(line, fields, 10) < 10)
            continue;
        unsigned long flags = strtoul(fields[8], NULL, 16);
        if (all_zero(fields[0]) && all_zero(fields[1]) && !all_zero(fields[4]) && (flags & 1) != 0)
            return take_interface(fields[9], ret);
    }
    return false;
}

/* Go net.IP.IsGlobalUnicast: neither unspecified, loopback, multicast, link-local nor broadcast. */
static bool is_global_unicast(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, sa, sizeof in);
        uint32_t a = ntohl(in.sin_addr.s_addr);
        return a != 0 && a != UINT32_MAX && a >> 24 != 127 && a >> 28 != 0xe && a >> 16 != 0xa9fe;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, sa, sizeof in6);
        const struct in6_addr *a = &in6.sin6_addr;
        return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LOOPBACK(a) &&
               !IN6_IS_ADDR_MULTICAST(a) && !IN6_IS_ADDR_LINKLOCAL(a);
    }
    return false;
}

static bool print_address(const struct sockaddr *sa, char ret[static K3S_ADDRESS_SIZE])
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (sa->sa_family == AF_INET) {
        memcpy(&in, sa, sizeof in);
        return inet_ntop(AF_INET, &in.sin_addr, ret, K3S_ADDRESS_SIZE) != NULL;
    }
    memcpy(&in6, sa, sizeof in6);
    return inet_ntop(AF_INET6, &in6.sin6_addr, ret, K3S_ADDRESS_SIZE) != NULL;
}

/* First global unicast address of `family` on an interface that is up. */
static bool interface_address(const char *name, int family, char ret[static K3S_ADDRESS_SIZE])
{
    __attribute__((cleanup(ifaddrs_done))) struct ifaddrs *all = NULL;

    if (getifaddrs(&all) < 0) {
        all = NULL;
        return false;
    }
    for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != family ||
            strcmp(i->ifa_name, name) != 0 || (i->ifa_flags & IFF_UP) == 0)
            continue;
        if (is_global_unicast(i->ifa_addr))
            return print_address(i->ifa_addr, ret);
    }
    return false;
}

static char *read_table(const char *path)
{
    AUTO_FCLOSE FILE *f = fopen(path, "re");
    AUTO_FREE char *text = calloc(1, ROUTE_TABLE_MAX);

    if (f == NULL || text == NULL)
        return NULL;
    size_t n = fread(text, 1, ROUTE_TABLE_MAX - 1, f);
    text[n] = '\0';
    return TAKE_PTR(text);
}

static int default_route_address(char ret[static K3S_ADDRESS_SIZE], struct err *err)
{
    AUTO_FREE char *v4 = read_table("/proc/net/route");
    AUTO_FREE char *v6 = read_table("/proc/net/ipv6_route");
    char name[IFNAMSIZ] = "";

    if (v4 != NULL && k3s_default_route_ipv4(v4, name) && interface_address(name, AF_INET, ret))
        return ERR_OK;
    if (v6 != NULL && k3s_default_route_ipv6(v6, name) && interface_address(name, AF_INET6, ret))
        return ERR_OK;
    return err_set(err, ERR_NOTFOUND,
                   "no default route with a global address found in '/proc/net/route' or "
                   "'/proc/net/ipv6_route': give this node's address with --node-ip");
}

static int parse_address(const char *node_ip, char ret[static K3S_ADDRESS_SIZE], struct err *err)
{
    char text[K3S_ADDRESS_SIZE];
    uint8_t binary[sizeof(struct in6_addr)];
    size_t len = strcspn(node_ip, ",");

    if (len == 0 || len >= sizeof text)
        return err_set(err, ERR_USAGE, "--node-ip '%s' is no IP address", node_ip);
    memcpy(text, node_ip, len);
    text[len] = '\0';
    int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    if (inet_pton(family, text, binary) != 1)
        return err_set(err, ERR_USAGE, "--node-ip '%s' is no IP address", node_ip);
    if (inet_ntop(family, binary, ret, K3S_ADDRESS_SIZE) == NULL)
        return err_sys(err, "print address '%s'", text);
    return ERR_OK;
}

int k3s_node_address(const char *node_ip, char ret[static K3S_ADDRESS_SIZE], struct err *err)
{
    if (node_ip != NULL && node_ip[0] != '\0')
        return parse_address(node_ip, ret, err);
    return default_route_address(ret, err);
}

int k3s_peer_url(const char *address, char ret[static K3S_URL_SIZE], struct err *err)
{
    bool is_v6 = strchr(address, ':') != NULL;
    int len = snprintf(ret, K3S_URL_SIZE, "https://%s%s%s:%d", is_v6 ? "[" : "", address,
                       is_v6 ? "]" : "", PEER_PORT);

    if (len < 0 || len >= K3S_URL_SIZE)
        return err_set(err, ERR_LIMIT, "address '%s' is too long", address);
    return ERR_OK;
}
