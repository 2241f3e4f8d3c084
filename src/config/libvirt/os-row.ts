import { attribute, element, ignored, ignoredAttributes } from './rows.js';
import { absolutePath, account, anyText, matching, nonEmptyText, oneOf } from './values.js';

const ARCHITECTURES =
  'aarch64 alpha armv6l armv7b armv7l i686 loongarch64 mips mips64 mips64el mipsel parisc parisc64 ppc ppc64 ppc64le riscv32 riscv64 s390 s390x sparc sparc64 x86_64'.split(
    ' ',
  );

/** `<os>`: what runs inside. */
export const osRow = element('os', 'what runs', {
  required: true,
  children: [
    element('type', '`exe`, the only one of a container', {
      required: true,
      text: oneOf(['exe']),
      attributes: [
        attribute('arch', "the host's architecture or its 32-bit sibling", oneOf(ARCHITECTURES)),
        ...ignoredAttributes('machine'),
      ],
    }),
    ...ignored('firmware'),
    element('init', 'the program that becomes PID 1: an absolute path inside', { required: true, text: absolutePath }),
    element('initarg', 'one argument of init, in order', { many: true, text: nonEmptyText }),
    element('initenv', 'a variable in the environment of init; replaces an earlier or built-in one of its name', {
      many: true,
      text: nonEmptyText,
      attributes: [
        attribute(
          'name',
          'name of the variable',
          matching('a name of letters, digits and _', /^[A-Za-z_][A-Za-z0-9_]*$/),
          {
            required: true,
          },
        ),
      ],
    }),
    element('initdir', 'working directory of init', { text: absolutePath }),
    element('inituser', 'user of init, looked up inside', { text: account }),
    element('initgroup', 'group of init, looked up inside', { text: account }),
    ...ignored('loader', 'nvram', 'kernel', 'initrd', 'root'),
    element('cmdline', 'becomes the variable LIBVIRT_LXC_CMDLINE of init', { text: anyText }),
    ...ignored('dtb', 'shim', 'acpi', 'boot', 'bootmenu', 'bios', 'smbios'),
  ],
});
