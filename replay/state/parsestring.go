package state

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// plain is the set of bytes that need no decoding in a string: ASCII except control
// characters, quote and backslash.
var plain = func() (t [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// plainEnd returns the index of the first byte from i that is not plain, or the length.
// It looks at eight bytes at a time.
func plainEnd(d []byte, i int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(d); i += 8 {
		w := binary.LittleEndian.Uint64(d[i:])
		quote, slash := w^('"'*ones), w^('\\'*ones)
		// A borrow may mark a byte above the first one that is marked, never below it.
		odd := (w | (w - 0x20*ones) | (quote-ones)&^quote | (slash-ones)&^slash) & tops
		if odd != 0 {
			return i + bits.TrailingZeros64(odd)/8
		}
	}
	for i < len(d) && plain[d[i]] {
		i++
	}
	return i
}

// str parses a string, from its opening quote.
func (p *Parser) str() (string, bool) {
	start := p.pos + 1
	d := p.data
	i := plainEnd(d, start)
	if i < len(d) && d[i] == '"' {
		p.pos = i + 1
		return p.cut(start, i), true
	}
	return p.strAny(start, i)
}

// key parses a member's key. Keys are few and a state retains them, so they never
// refer to the payload.
func (p *Parser) key() (string, bool) {
	text := p.text
	p.text = ""
	s, ok := p.str()
	p.text = text
	return s, ok
}

// strAny parses a string that begins at start and is plain up to i.
func (p *Parser) strAny(start, i int) (string, bool) {
	escaped := false
	p.buf = p.buf[:0]
	from := start // everything before it is in buf
	for {
		if i >= len(p.data) {
			return "", p.fail(i, "unexpected end in a string")
		}
		switch c := p.data[i]; {
		case c == '"':
			p.pos = i + 1
			if !escaped {
				return p.cut(start, i), true
			}
			p.buf = append(p.buf, p.data[from:i]...)
			if p.halves {
				return JoinHalves(string(p.buf)), true
			}
			return p.own(p.buf), true
		case c == '\\':
			p.buf = append(p.buf, p.data[from:i]...)
			n, ok := p.escape(i)
			if !ok {
				return "", false
			}
			i += n
			from, escaped = i, true
		case c < 0x20:
			return "", p.fail(i, fmt.Sprintf("control character %#02x in a string", c))
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRune(p.data[i:])
			if r == utf8.RuneError && n == 1 {
				if !p.halves || len(p.data)-i < 3 || !HasHalf(string(p.data[i:i+3])) {
					return "", p.fail(i, "invalid UTF-8 in a string")
				}
				n = 3
			}
			i += n
		}
	}
}

// escape appends the decoded escape at i to buf and returns the escape's length.
func (p *Parser) escape(i int) (int, bool) {
	if i+1 >= len(p.data) {
		return 0, p.fail(i+1, "unexpected end in a string")
	}
	switch c := p.data[i+1]; c {
	case '"', '\\', '/':
		p.buf = append(p.buf, c)
	case 'b':
		p.buf = append(p.buf, '\b')
	case 'f':
		p.buf = append(p.buf, '\f')
	case 'n':
		p.buf = append(p.buf, '\n')
	case 'r':
		p.buf = append(p.buf, '\r')
	case 't':
		p.buf = append(p.buf, '\t')
	case 'u':
		r := p.hex4(i)
		if r < 0 {
			return 0, p.fail(i, "\\u without four hex digits")
		}
		if !utf16.IsSurrogate(r) {
			p.buf = utf8.AppendRune(p.buf, r)
			return 6, true
		}
		if both := utf16.DecodeRune(r, p.hex4(i+6)); both != utf8.RuneError {
			p.buf = utf8.AppendRune(p.buf, both)
			return 12, true
		}
		p.buf = appendUnit(p.buf, r)
		return 6, true
	default:
		return 0, p.fail(i, "an invalid escape")
	}
	return 2, true
}

// hex4 returns the code unit of \uXXXX at i, or -1.
func (p *Parser) hex4(i int) rune {
	if i+6 > len(p.data) || p.data[i] != '\\' || p.data[i+1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range p.data[i+2 : i+6] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return r
}
