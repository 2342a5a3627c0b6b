// Error codes of what is inside a slot's image; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const imageErrors = defineErrors({
  'image.not-squashfs': {
    message: 'The image is neither squashfs nor ext4: it begins with {found}, expected {expected}.',
    remedy: 'Give the root file system of the appliance (made by mksquashfs), not an ISO, a whole disk or an archive.',
    kind: 'unfit',
    retry: 'fix',
  },
  'image.truncated': {
    message: 'The image says that it has {expected} bytes, but only {found} are there.',
    remedy: 'Copy or download the image again.',
    kind: 'unfit',
    retry: 'fix',
  },
  'image.damaged': {
    message: 'The file system of the image is damaged: {what} is {found}, expected {expected}.',
    remedy: 'Copy or download the image again, or build it anew.',
    kind: 'unfit',
    retry: 'fix',
  },
  'image.compression-unreadable': {
    message: 'The image is compressed with {found}; the boot loader reads {expected}.',
    remedy: 'Build the image with: mksquashfs ... -comp xz.',
    kind: 'unfit',
    retry: 'fix',
  },
  'image.bad-facts': {
    message: 'What the image says of itself cannot be read: {path} is {found}.',
    remedy: 'Build the image again with "twinslot image build".',
    kind: 'unfit',
    retry: 'fix',
  },
  'image.facts-differ': {
    message: 'The manifest says {what} {expected}, the image itself says {found}.',
    remedy: 'Make the release again with the values of the image.',
    kind: 'unfit',
    retry: 'fix',
  },
  'image.layout-mismatch': {
    message: 'The image was built for {image} and has {what} {found}; {disk} has {expected}.',
    remedy: 'Use an image that was built for this layout, or the layout that the image was built for.',
    kind: 'unfit',
    retry: 'never',
  },
  'image.no-kernel': {
    message: 'The image has no usable {path}: it is {found}, expected a file with content.',
    remedy: 'Build the image with the Linux kernel at this path.',
    kind: 'unfit',
    retry: 'fix',
  },
  'image.no-initrd': {
    message: 'The image has no usable {path}: it is {found}, expected a file with content.',
    remedy: 'Build the image with the initial RAM disk at this path.',
    kind: 'unfit',
    retry: 'fix',
  },
})
