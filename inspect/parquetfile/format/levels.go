package format

import "encoding/binary"

// A level says whether a row has a value: 1, or is NULL: 0. Levels are stored as runs of
// equal ones, and as groups of eight bits between them.

// appendLevels appends levels as they are stored.
func appendLevels(b []byte, levels []byte) []byte {
	packed := 0 // where groups of bits begin that are not yet written
	for i := 0; i < len(levels); {
		n := equal(levels[i:])
		// A run begins with a group, and is worth its two bytes.
		if full := (i - packed + 7) / 8 * 8; n-(packed+full-i) >= 16 || i == packed && n == len(levels)-i {
			b = appendGroups(b, levels[packed:packed+full])
			n -= packed + full - i
			i = packed + full
			b = append(binary.AppendUvarint(b, uint64(n)<<1), levels[i])
			packed = i + n
		}
		i += n
	}
	return appendGroups(b, levels[packed:])
}

// equal is how many levels are as the first one.
func equal(levels []byte) int {
	for i, l := range levels {
		if l != levels[0] {
			return i
		}
	}
	return len(levels)
}

func appendGroups(b []byte, levels []byte) []byte {
	if len(levels) == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64((len(levels)+7)/8)<<1|1)
	return appendBits(b, levels)
}

// appendBits appends bits, eight to a byte, the first the lowest.
func appendBits(b []byte, bits []byte) []byte {
	for i, bit := range bits {
		if i%8 == 0 {
			b = append(b, 0)
		}
		b[len(b)-1] |= bit << (i % 8)
	}
	return b
}

// readLevels reads n levels.
func readLevels(b []byte, n int) ([]byte, error) {
	var out []byte
	for len(out) < n {
		head, size := binary.Uvarint(b)
		if size <= 0 {
			return nil, errDamaged
		}
		b = b[size:]
		count := head >> 1
		if head&1 == 0 {
			if len(b) == 0 || b[0] > 1 || count == 0 {
				return nil, errDamaged
			}
			for range min(count, uint64(n-len(out))) {
				out = append(out, b[0])
			}
			b = b[1:]
			continue
		}
		if count == 0 || count > uint64(len(b)) {
			return nil, errDamaged
		}
		for i := 0; i < int(count)*8 && len(out) < n; i++ {
			out = append(out, b[i/8]>>(i%8)&1)
		}
		b = b[count:]
	}
	return out, nil
}
