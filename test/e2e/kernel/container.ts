import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { kustomized } from '../../../src/manifests/kustomize.ts';
import { deployFiles } from '../../../src/operate/deploy-files.ts';
import { undoAtEnd } from '../kit/leftovers.ts';
import { type Running, start } from '../kit/process.ts';
import type { Namespace } from './namespace.ts';
import { ACCOUNT, podAccount } from './pod-account.ts';

const root = join(import.meta.dirname, '../../..');

/** Of a pod's template what decides how its container is confined; all else of it is for Kubernetes. */
interface PodTemplate {
  readonly hostNetwork?: boolean;
  readonly securityContext?: { readonly runAsUser?: number; readonly runAsGroup?: number };
  readonly containers: readonly ContainerTemplate[];
  readonly volumes: readonly Volume[];
}

interface ContainerTemplate {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly privileged?: boolean;
    readonly capabilities: { readonly drop: readonly string[]; readonly add: readonly string[] };
  };
  readonly volumeMounts: readonly VolumeMount[];
}

interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

interface Volume {
  readonly name: string;
  readonly hostPath?: { readonly path: string };
  readonly emptyDir?: object;
}

interface ContainerOptions {
  readonly node: Namespace;
  /** Where the host keeps its files, but for those of the kernel. */
  readonly folder: string;
  /** The path of one for what the pod's service account may do. */
  readonly kubeconfig: string;
  /** Of the Node. */
  readonly name: string;
  /** Besides those of the template. */
  readonly args: readonly string[];
}

/** Where the container has the project: a clone may lie where the template mounts something, such as in `/tmp`. */
const PROJECT = '/opt/causeway';

/** What is the kernel's, and so is at the same path on every host. */
const KERNELS = /^\/(proc|sys|dev)(\/|$)/;
/** What Kubernetes leaves to a runtime to decide, as containerd does. */
const READ_ONLY = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map(name => `/proc/${name}`);
const MASKED = [
  'acpi',
  'asound',
  'kcore',
  'keys',
  'latency_stats',
  'timer_list',
  'timer_stats',
  'sched_debug',
  'scsi',
];

/**
 * Runs `causeway agent` in the container that the DaemonSet of deploy/agent asks for: by runc, as a kubelet and
 * containerd would on the host that the namespace is, but for the seccomp profile. The image is the file system of this
 * machine, with nothing that is mounted on it.
 */
export async function confinedAgent(options: ContainerOptions): Promise<Running> {
  const { folder } = options;
  const daemonSet = kustomized(await deployFiles(), 'agent').find(({ kind }) => kind === 'DaemonSet');
  const template: PodTemplate = Object(daemonSet?.['spec']).template.spec;
  await mkdir(join(folder, 'bundle/root'), { recursive: true });
  await writeFile(join(folder, 'bundle/config.json'), JSON.stringify(await configOf(template, options)));
  const pidFile = join(folder, 'pid');
  undoAtEnd(() => void endBy(pidFile));
  // Its upper layer may not lie on the lower one, and takes what runc makes to mount on.
  const script = [
    'set -e',
    'cd "$1/bundle"',
    'mount -t tmpfs tmpfs root',
    'mkdir root/upper root/work root/fs',
    'mount -t overlay overlay -o lowerdir=/,upperdir=root/upper,workdir=root/work root/fs',
    'exec runc --root "$1/runc" run --pid-file "$1/pid" --bundle . "$2"',
  ].join('\n');
  const words = [
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    'sh',
    folder,
    `${options.node.name}-agent`,
  ];
  return start('unshare', words);
}

async function endBy(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (pid > 0) process.kill(pid, 'SIGKILL');
}

/** That which the npm scripts run is the project's own. */
const NODE = process.execPath.startsWith(`${root}/`)
  ? join(PROJECT, relative(root, process.execPath))
  : process.execPath;

async function configOf(template: PodTemplate, options: ContainerOptions): Promise<object> {
  const [container] = template.containers;
  if (container === undefined) throw new Error('the pod has no container');
  const { securityContext } = container;
  if (securityContext.privileged === true) throw new Error('a privileged container is not confined');
  if (securityContext.capabilities.drop.join() !== 'ALL') throw new Error('not all capabilities are dropped');
  const capabilities = securityContext.capabilities.add.map(name => `CAP_${name}`);
  const { runAsUser: uid = 0, runAsGroup: gid = 0 } = template.securityContext ?? {};
  const account = join(options.folder, 'account');
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...(await podAccount(options.kubeconfig, account)),
    ...valuesOf(container),
    CAUSEWAY_NODE_NAME: options.name,
  };
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid, gid },
      args: [NODE, join(PROJECT, 'src/main.js'), ...container.args, ...options.args],
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: securityContext.allowPrivilegeEscalation === false,
    },
    root: { path: 'root/fs', readonly: securityContext.readOnlyRootFilesystem === true },
    mounts: [
      ...KERNEL_MOUNTS,
      bind(root, PROJECT, 'ro'),
      bind(account, ACCOUNT, 'ro'),
      ...(await mountsOf(container, template.volumes, options)),
    ],
    linux: {
      namespaces: [
        ...['pid', 'ipc', 'uts', 'mount'].map(type => ({ type })),
        template.hostNetwork === true
          ? { type: 'network', path: `/run/netns/${options.node.name}` }
          : { type: 'network' },
      ],
      // What a container may have anyway, such as /dev/null, runc adds.
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      readonlyPaths: READ_ONLY,
      maskedPaths: MASKED.map(name => `/proc/${name}`),
    },
  };
}

/** `valueFrom` is for the kubelet to look up. */
function valuesOf({ env }: ContainerTemplate): Record<string, string> {
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

const KERNEL_MOUNTS = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance'] },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
];

async function mountsOf(
  { volumeMounts }: ContainerTemplate,
  volumes: readonly Volume[],
  { folder }: ContainerOptions,
): Promise<object[]> {
  const mounts: object[] = [];
  for (const { name, mountPath, subPath = '', readOnly } of volumeMounts) {
    const volume = volumes.find(one => one.name === name);
    const path = volume?.hostPath?.path;
    const isKernels = path !== undefined && KERNELS.test(path);
    const source = isKernels
      ? path
      : join(folder, path === undefined ? `empty/${name}` : 'host', path ?? '', subPath);
    if (!isKernels) await mkdir(source, { recursive: true });
    mounts.push(bind(source, mountPath, readOnly === true ? 'ro' : 'rw'));
  }
  return mounts;
}

function bind(source: string, destination: string, mode: 'ro' | 'rw') {
  return { destination, type: 'bind', source, options: ['rbind', 'rprivate', mode] };
}
