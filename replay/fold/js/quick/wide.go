package quick

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"asof/replay/state"
)

// The language counts UTF-16 units; strings here are UTF-8, as the tree has them. A
// character of four bytes is two units, every other one and half of a surrogate pair one. A string is scanned eight bytes at a time.

const (
	wordBytes = 8
	lowBits   = 0x0101010101010101
)

// wordAt returns the eight bytes from i.
func wordAt(s string, i int) uint64 {
	b := s[i : i+wordBytes]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// wordUnits returns the units that begin in a word: one for each byte that begins a
// character, and one more for each that begins one of four bytes.
func wordUnits(w uint64) int {
	inside := w >> 7 & ^(w >> 6) & lowBits
	four := w >> 7 & (w >> 6) & (w >> 5) & (w >> 4) & lowBits
	return wordBytes - bits.OnesCount64(inside) + bits.OnesCount64(four)
}

// byteUnits returns the units that begin at a byte.
func byteUnits(b byte) int {
	switch {
	case b >= 0xF0:
		return 2
	case b&0xC0 == 0x80:
		return 0
	}
	return 1
}

// units returns the length of a string in UTF-16 units.
func (r *run) units(s string) int {
	r.spendString(s)
	n, i := 0, 0
	for ; i+wordBytes <= len(s); i += wordBytes {
		n += wordUnits(wordAt(s, i))
	}
	for ; i < len(s); i++ {
		n += byteUnits(s[i])
	}
	return n
}

// byteOf returns the byte at which a unit begins; the length for a unit at or after the end.
// It gives up on the second unit of a character, because a string cannot begin there.
func (r *run) byteOf(s string, unit int) int {
	r.spendString(s)
	n, i := 0, 0
	for ; i+wordBytes <= len(s); i += wordBytes {
		w := wordUnits(wordAt(s, i))
		if n+w > unit {
			break
		}
		n += w
	}
	for ; i < len(s); i++ {
		w := byteUnits(s[i])
		if n == unit && w > 0 {
			return i
		}
		if n += w; n > unit {
			panic(giveUp)
		}
	}
	return len(s)
}

// wideMethods are the methods of strings that are not ASCII. Others give up.
var wideMethods = map[string]method{
	"startsWith": textMethods["startsWith"],
	"endsWith":   textMethods["endsWith"],
	"includes":   textMethods["includes"],
	"toString":   textMethods["toString"],
	"indexOf": func(r *run, v val, args []val) val {
		i := strings.Index(v.s, r.one(args))
		if i > 0 {
			i = r.units(v.s[:i])
		}
		return integer(int64(i))
	},
	"slice": func(r *run, v val, args []val) val {
		from, to := r.between(args, r.units(v.s))
		return r.cutUnits(v, from, max(from, to))
	},
	"substring": func(r *run, v val, args []val) val {
		n := r.units(v.s)
		from := min(max(r.whole(arg(args, 0), 0), 0), n)
		to := min(max(r.whole(arg(args, 1), n), 0), n)
		return r.cutUnits(v, min(from, to), max(from, to))
	},
	"charAt": func(r *run, v val, args []val) val {
		if i := r.whole(arg(args, 0), 0); i >= 0 {
			return r.letter(v, i)
		}
		return ofText("")
	},
	"trim": func(r *run, v val, _ []val) val {
		s := strings.Trim(v.s, "\t\n\v\f\r ")
		first, _ := utf8.DecodeRuneInString(s)
		last, _ := utf8.DecodeLastRuneInString(s)
		if isWideSpace(first) || isWideSpace(last) {
			panic(giveUp)
		}
		return part(v, s)
	},
	"split": func(r *run, v val, args []val) val {
		if len(args) == 1 && args[0].kind == text && args[0].s == "" && (HasPairs(v.s) || state.HasHalf(v.s)) {
			panic(giveUp)
		}
		return textMethods["split"](r, v, args)
	},
}

func isWideSpace(c rune) bool {
	return c >= utf8.RuneSelf && (unicode.Is(unicode.Z, c) || c == '\uFEFF')
}

// cutUnits returns the part of a string between two units.
func (r *run) cutUnits(v val, from, to int) val {
	start := r.byteOf(v.s, from)
	return part(v, v.s[start:start+r.byteOf(v.s[start:], to-from)])
}

// letter returns the string of one unit, or the empty string after the end.
func (r *run) letter(v val, unit int) val { return r.cutUnits(v, unit, unit+1) }

// HasPairs reports whether a string has a character of two units.
func HasPairs(s string) bool {
	i := 0
	for ; i+wordBytes <= len(s); i += wordBytes {
		if w := wordAt(s, i); w&(w<<1)&(w<<2)&(w<<3)&(lowBits<<7) != 0 {
			return true
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= 0xF0 {
			return true
		}
	}
	return false
}

// letters appends the characters of a string, as iterating over it gives them.
func (r *run) letters(out []val, v val) []val {
	n := utf8.RuneCountInString(v.s)
	r.spend(4 * n)
	if out == nil {
		out = make([]val, 0, n)
	}
	for s := v.s; s != ""; {
		n := 1
		if s[0] >= utf8.RuneSelf {
			_, n = state.DecodeRune(s)
		}
		out = append(out, part(v, s[:n]))
		s = s[n:]
	}
	return out
}

// arrayFrom is Array.from without a function.
func arrayFrom(r *run, _ val, args []val) val {
	if len(args) != 1 {
		panic(giveUp)
	}
	return ofList(r.spread(nil, args[0], true))
}
