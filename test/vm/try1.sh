cd /project; export PATH=$PWD/bin:$PATH
mkdir -p /var/os; mount --bind / /var/os
mkdir -p /etc/ctr
cat > /tmp/os.nspawn <<X
[Exec]
Boot=yes
Ephemeral=yes
PrivateUsers=pick
[Network]
Private=yes
X
cat > /tmp/os.conf <<X
lxc.uts.name = os
lxc.rootfs.path = /var/os
lxc.ephemeral = 1
lxc.idmap = u 0 2000000 65536
lxc.idmap = g 0 2000000 65536
lxc.mount.auto = cgroup:rw proc:mixed sys:ro
lxc.net.0.type = empty
lxc.init.cmd = /sbin/init systemd.mask=ctr-testvm.service
lxc.environment = container=lxc
X
ctr define --format lxc --name os /tmp/os.conf || ctr define --format nspawn --name os --rootfs /var/os /tmp/os.nspawn
ctr dumpxml os | head -40
time ctr start os; for i in $(seq 40); do sleep 2; ctr enter os -- systemctl is-system-running && break; [ "$(ctr list | wc -l)" = 2 ] || break; done
ctr list; ctr enter os -- systemctl --no-pager --failed; ctr enter os -- cat /proc/self/cgroup; systemd-cgls --no-pager /machine.slice
ctr logs os | tail -30
ctr enter os -- sh -c 'mount | grep cgroup; cat /sys/fs/cgroup/cgroup.subtree_control'
ctr enter os -- journalctl -b --no-pager -p warning | head -50
time ctr stop os
