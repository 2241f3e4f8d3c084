/** Settings of a tree that has none. Pure. */

/** What `machinectl start` does with a tree: boots it, in a user namespace, with a link of its own. */
export const BARE_TREE = `[Exec]
Boot=yes
PrivateUsers=pick

[Files]
PrivateUsersOwnership=auto

[Network]
VirtualEthernet=yes
`;
