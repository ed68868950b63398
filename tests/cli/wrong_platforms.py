"""Short whole configs of platforms that look like others, each with the interface that its clients come in by."""

NXOS = """\
!Command: show running-config
version 9.3(5) Bios:version 07.67
hostname r1
feature ospf
vlan 1,10
vrf context management
interface Ethernet1/1
  no switchport
  ip address 198.51.100.2/30
  ip access-group IN in
  no shutdown
interface Ethernet1/2
  no switchport
  ip address 203.0.113.1/24
ip route 0.0.0.0/0 198.51.100.1
ip access-list IN
  20 permit udp any 203.0.113.10/32 eq isakmp
  30 permit udp any 203.0.113.10/32 eq non500-isakmp
line console
boot nxos bootflash:/nxos.9.3.5.bin
"""
EOS = """\
! Command: show running-config
! device: r1 (DCS-7050SX, EOS-4.27.0F)
!
hostname r1
!
interface Ethernet1
   no switchport
   ip address 198.51.100.2/30
   ip access-group IN in
!
interface Ethernet2
   no switchport
   ip address 203.0.113.1/24
!
ip access-list IN
   20 permit udp any host 203.0.113.10 eq isakmp
   30 permit udp any host 203.0.113.10 eq 4500
!
ip route 0.0.0.0/0 198.51.100.1
!
end
"""
XR = """\
!! IOS XR Configuration 7.3.2
hostname r1
interface GigabitEthernet0/0/0/0
 ipv4 address 198.51.100.2 255.255.255.252
 ipv4 access-group IN ingress
!
interface GigabitEthernet0/0/0/1
 ipv4 address 203.0.113.1 255.255.255.0
!
ipv4 access-list IN
 20 permit udp any host 203.0.113.10 eq isakmp
 30 permit udp any host 203.0.113.10 eq 4500
!
router static
 address-family ipv4 unicast
  0.0.0.0/0 198.51.100.1
 !
!
end
"""
ASA = """\
: Saved
:
ASA Version 9.16(2)
!
hostname r1
names
!
interface GigabitEthernet0/0
 nameif outside
 security-level 0
 ip address 198.51.100.2 255.255.255.252
!
interface GigabitEthernet0/1
 nameif inside
 security-level 100
 ip address 203.0.113.1 255.255.255.0
!
access-list IN extended permit udp any host 203.0.113.10 eq isakmp
access-list IN extended permit udp any host 203.0.113.10 eq 4500
access-group IN in interface outside
fragment chain 1 outside
route outside 0.0.0.0 0.0.0.0 198.51.100.1 1
Cryptochecksum:d41d8cd98f00b204e9800998ecf8427e
: end
"""
JUNOS = """\
version 21.4R3;
system {
    host-name r1;
}
interfaces {
    ge-0/0/0 {
        unit 0 {
            family inet {
                filter {
                    input IN;
                }
                address 198.51.100.2/30;
            }
        }
    }
}
firewall {
    family inet {
        filter IN {
            term frag {
                from {
                    is-fragment;
                }
                then discard;
            }
        }
    }
}
"""
JUNOS_SET = """\
set version 21.4R3
set system host-name r1
set interfaces ge-0/0/0 unit 0 family inet address 198.51.100.2/30
set interfaces ge-0/0/0 unit 0 family inet filter input IN
set firewall family inet filter IN term frag from is-fragment
set firewall family inet filter IN term frag then discard
"""
TEXTS = {
    "NX-OS": (NXOS, "Ethernet1/1"),
    "EOS": (EOS, "Ethernet1"),
    "IOS XR": (XR, "GigabitEthernet0/0/0/0"),
    "ASA": (ASA, "GigabitEthernet0/0"),
    "Junos": (JUNOS, "ge-0/0/0.0"),
    "Junos, set": (JUNOS_SET, "ge-0/0/0.0"),
}
