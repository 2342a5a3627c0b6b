// Error codes of building system images from a recipe (`twinslot image build`); see define.ts for the shape.
import { defineErrors, type ErrorSpec } from './define.ts'

const HOW = 'Correct the file; docs/format/build-config.md describes every key and has an example.'

/** Something in a build-config.yaml that its author has to correct. */
const wrong = (message: string): ErrorSpec => ({ message, remedy: HOW, kind: 'usage', retry: 'fix' })
const unfit = (message: string, remedy: string): ErrorSpec => ({ message, remedy, kind: 'unfit', retry: 'fix' })
const failed = (message: string, remedy: string): ErrorSpec => ({ message, remedy, kind: 'failed', retry: 'fix' })

export const recipeErrors = defineErrors({
  'recipe.yaml-syntax': wrong('Line {line}, column {column}: not readable: {reason}'),
  'recipe.unknown-key': wrong('Line {line}, column {column}: the key "{key}" is unknown; known are {expected}.'),
  'recipe.missing-key': wrong('Line {line}, column {column}: the key "{key}" is missing.'),
  'recipe.invalid': wrong('Line {line}, column {column}: "{key}" must be {expected}; it is {found}.'),
  'recipe.writable-places': wrong(
    'Line {line} of {file} in the image is "{found}"; a writable place is PATH RIGHTS SIZE, such as "/var/log 755 10%".',
  ),
  'recipe.needs-root': {
    message: 'Building an image sets owners and uses chroot, which needs root; this is user {uid}.',
    remedy: 'Run it as root in a container or virtual machine made for building.',
    kind: 'permission',
    retry: 'fix',
  },
  'recipe.out-exists': {
    message: 'The folder {folder} is there already and is not empty.',
    remedy: 'Name a new folder with --out; a published build is never written over.',
    kind: 'usage',
    retry: 'fix',
  },
  'recipe.base-unavailable': unfit(
    'The base {base} ({suite}) cannot be had from {mirror}: {reason}.',
    'Name a mirror that has it with --mirror URL, or change base_os.',
  ),
  'recipe.package-missing': unfit(
    'The package {package} does not exist in {suite}.',
    'Check the spelling of the package, or the mirror and its components.',
  ),
  'recipe.wrong-pin': unfit(
    'The package {package} is pinned to version {expected}; offered are {offered}.',
    'Pin one of the offered versions, or use a mirror that keeps the pinned one.',
  ),
  'recipe.input-missing': unfit(
    '{key}: {path} cannot be used: {reason}.',
    'Check the path; it is relative to the file.',
  ),
  'recipe.programs': unfit(
    'The recipe says device_programs: {wanted}, but {found}.',
    'Make the folder with "npm run device-programs -- --out DIR" and name it with --programs DIR, or change device_programs.',
  ),
  'recipe.link-in-path': unfit(
    'The application cannot be copied to {path}: {link} is a symbolic link in the image.',
    'Name the place where the link leads to.',
  ),
  'recipe.wheel-mismatch': {
    message: 'The wheel {wheel} has SHA-256 {found}; SHA256SUMS in its folder says {expected}.',
    remedy: 'Fetch the wheel again, or list the right digest.',
    kind: 'untrusted',
    retry: 'fix',
  },
  'recipe.no-python': unfit(
    'The image has no usable {python}, which {key} needs.',
    'Add it (and python3-pip for dependencies) to packages.',
  ),
  'recipe.python-failed': failed(
    'Installing the Python packages failed: {reason}',
    'Give their wheels with "wheels", or make the package index reachable; then build again.',
  ),
  'recipe.test-failed': failed(
    'The test "{test}" in the image failed: {reason}. Its output ends with: {output}',
    'Correct the application or the test; nothing was published.',
  ),
  'recipe.no-kernel': unfit(
    'No kernel was found in {package}.',
    'Name a package that has one, such as linux-image-amd64, under kernel.',
  ),
  'recipe.no-init': unfit(
    'The image has no /sbin/init, so it would not start.',
    'Add systemd-sysv or another init to packages.',
  ),
  'recipe.device-settings': unfit(
    '{path} in the image says {key}: {found}; its recipe and layout have {expected}.',
    'Leave the file out (the build writes it), or give it the same values.',
  ),
  'recipe.probe-program': unfit(
    '{path} asks for the program {program}, which the image does not have.',
    'Add the package that has it, or bring a list of probes of your own.',
  ),
  'recipe.too-large': unfit(
    'The image has {found|bytes} ({found} bytes); the slot has {limit|bytes}: {excess|bytes} too much. Largest before packing: {largest}.',
    'Leave packages out, choose compression xz, or use a layout with larger slots.',
  ),
  'recipe.disk-full': failed(
    'No space was left in {folder} while building.',
    'Make room, or choose another place with --out; what was begun is removed.',
  ),
})
