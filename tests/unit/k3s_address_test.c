#include "src/k3s/address.h"
#include "tests/unit/test.h"

static const char ipv4_table[] =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "eth1\t000A4D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    "eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
    "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n";

TEST(default_route_is_the_first_with_an_empty_mask)
{
    char name[16] = "";

    CHECK(k3s_default_route_ipv4(ipv4_table, name));
    CHECK(strcmp(name, "eth0") == 0);
}

TEST(default_route_needs_a_route_that_is_up)
{
    char name[16] = "";

    CHECK(!k3s_default_route_ipv4("", name));
    CHECK(!k3s_default_route_ipv4("eth0\t00000000\t0100A8C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n",
                                  name));
    CHECK(!k3s_default_route_ipv4("eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n",
                                  name));
    CHECK(!k3s_default_route_ipv4("cut off\t0000", name));
}

TEST(default_route_ipv6_skips_the_unreachable_one_of_lo)
{
    static const char table[] =
        "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth2\n";
    char name[16] = "";

    CHECK(k3s_default_route_ipv6(table, name));
    CHECK(strcmp(name, "eth2") == 0);
}

TEST(node_ip_takes_the_first_of_a_list)
{
    char address[K3S_ADDRESS_SIZE];
    struct err err = {0};

    CHECK(k3s_node_address("10.77.0.1,fd00::1", address, &err) == ERR_OK);
    CHECK(strcmp(address, "10.77.0.1") == 0);
    CHECK(k3s_node_address("FD00:0::1", address, &err) == ERR_OK);
    CHECK(strcmp(address, "fd00::1") == 0);
}

TEST(node_ip_refuses_names)
{
    static const char *const bad[] = {"node1", "10.77.0", ",10.77.0.1", "10.77.0.1/24", "[::1]"};
    char address[K3S_ADDRESS_SIZE];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err = {0};
        CHECK(k3s_node_address(bad[i], address, &err) == ERR_USAGE);
        CHECK(strstr(err.msg, bad[i]) != NULL);
    }
}

TEST(peer_url_brackets_ipv6)
{
    char url[K3S_URL_SIZE];
    struct err err = {0};

    CHECK(k3s_peer_url("10.77.0.1", url, &err) == ERR_OK);
    CHECK(strcmp(url, "https://10.77.0.1:2380") == 0);
    CHECK(k3s_peer_url("fd00::1", url, &err) == ERR_OK);
    CHECK(strcmp(url, "https://[fd00::1]:2380") == 0);
}
