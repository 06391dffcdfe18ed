package cell

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// MaxPayload is the maximum size of a decompressed payload in bytes.
const MaxPayload = 64 << 20

// A PayloadDecoder converts stored payloads to JSON. It detects the form of each
// payload, since one store may use several. It reuses its buffers.
type PayloadDecoder struct {
	out   bytes.Buffer
	zlib  io.ReadCloser
	gzip  *gzip.Reader
	jsonb jsonbReader
	text  []byte // JSON inside a string
}

// Decode returns the payload as JSON, valid until the next call, or why it is
// unreadable. It does not validate objects and arrays; [replay.Event.Body] does. The
// texts of reasons must not change, because sealed events contain them.
func (d *PayloadDecoder) Decode(v *Value) (data []byte, opaque string) {
	switch v.Kind {
	case Null:
		return NullText, ""
	case Int:
		return v.Text(), ""
	case Blob:
		if data, ok := d.jsonb.jsonb(v.B); ok {
			return data, ""
		}
	}
	return d.Bytes(v.Text())
}

// Bytes is [PayloadDecoder.Decode] for the bytes of a value.
func (d *PayloadDecoder) Bytes(b []byte) (data []byte, opaque string) {
	if form := Compressed(b); form != "" {
		plain, err := d.inflate(b, form)
		switch {
		case err == nil:
			b = plain
		case !utf8.Valid(b): // valid text may begin like a header
			return nil, fmt.Sprintf("not readable as %s: %v", form, err)
		}
	}
	if len(b) > 0 && b[0] == '{' { // as nearly all do
		return b, ""
	}
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	t := bytes.TrimLeft(b, " \t\r\n")
	switch {
	case len(t) == 0:
		return NullText, ""
	case t[0] == '{' || t[0] == '[':
		return b, ""
	case t[0] == '"':
		if inside, ok := d.unquote(t); ok {
			return inside, ""
		}
	}
	if json.Valid(t) {
		return b, ""
	}
	return nil, "not JSON: " + looksLike(b)
}

// mostQuotes is the maximum number of times that JSON may be nested in strings.
const mostQuotes = 3

// unquote returns the object or array inside a quoted string. Some libraries write
// JSON to a JSON column as a string.
func (d *PayloadDecoder) unquote(quoted []byte) (inside []byte, ok bool) {
	for range mostQuotes {
		var s Scanner
		if s.Document(quoted) != nil {
			return nil, false
		}
		member := Member{Value: bytes.TrimRight(quoted, " \t\r\n")}
		text, f := member.Text()
		if f != nil {
			return nil, false
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			return nil, false
		}
		switch text[0] {
		case '{', '[':
			d.text = append(d.text[:0], text...)
			return d.text, s.Document(d.text) == nil
		case '"':
			quoted = text
		default:
			return nil, false
		}
	}
	return nil, false
}

// QuoteStart quotes the beginning of b for a message.
func QuoteStart(b []byte) string {
	const most = 20
	if len(b) <= most {
		return fmt.Sprintf("%q", b)
	}
	b = b[:most]
	for len(b) > 0 && !utf8.Valid(b) && len(b) > most-utf8.UTFMax {
		b = b[:len(b)-1]
	}
	return fmt.Sprintf("%q…", b)
}

// Compressed returns the compression format of the bytes, or "".
func Compressed(b []byte) string {
	if len(b) < 2 {
		return ""
	}
	switch {
	case b[0]&0x0F == 8 && b[0]>>4 <= 7 && b[1]&0x20 == 0 && (uint(b[0])<<8|uint(b[1]))%31 == 0: // RFC 1950
		return "zlib"
	case b[0] == 0x1F && b[1] == 0x8B:
		return "gzip"
	}
	return ""
}

// inflate decompresses into a buffer that the next call reuses.
func (d *PayloadDecoder) inflate(b []byte, form string) ([]byte, error) {
	in := bytes.NewReader(b)
	d.out.Reset()
	if form == "gzip" {
		return d.gunzip(in)
	}
	var err error
	if d.zlib == nil {
		d.zlib, err = zlib.NewReader(in)
	} else {
		err = d.zlib.(zlib.Resetter).Reset(in, nil)
	}
	if err != nil {
		return nil, err
	}
	return d.outOf(d.zlib)
}

func (d *PayloadDecoder) gunzip(in *bytes.Reader) ([]byte, error) {
	var err error
	if d.gzip == nil {
		d.gzip, err = gzip.NewReader(in)
	} else {
		err = d.gzip.Reset(in)
	}
	if err != nil {
		return nil, err
	}
	return d.outOf(&Gunzipper{In: in, Z: d.gzip})
}

func (d *PayloadDecoder) outOf(r io.Reader) ([]byte, error) {
	n, err := d.out.ReadFrom(io.LimitReader(r, MaxPayload+1))
	if err != nil {
		return nil, err
	}
	if n > MaxPayload {
		return nil, errors.New("more than 64 MiB when decompressed")
	}
	return d.out.Bytes(), nil
}
