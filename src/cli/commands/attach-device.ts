import { attachDevice } from '../../container/attach-device.js';
import type { CommandModule } from '../command.js';
import { makeDeviceCommand } from '../device-command.js';

export const command: CommandModule = makeDeviceCommand(attachDevice, 'attached a device to');
