package store

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

// maxPayload bounds a payload after decompression, in bytes.
const maxPayload = 64 << 20

// A payloadDecoder turns what a store keeps into JSON, told by its first bytes,
// row by row: one store may hold several forms. Its buffers are used again.
type payloadDecoder struct {
	out  bytes.Buffer
	zlib io.ReadCloser
	gzip *gzip.Reader
}

// decode returns the payload as JSON, or why it can't be had. The JSON is valid
// until the next call.
func (d *payloadDecoder) decode(v *value) (data []byte, opaque string) {
	switch v.kind {
	case kindNull:
		return []byte("null"), ""
	case kindInt:
		return v.text(), ""
	}
	return d.bytes(v.text())
}

func (d *payloadDecoder) bytes(b []byte) (data []byte, opaque string) {
	if form := compressed(b); form != "" {
		var err error
		if b, err = d.inflate(b, form); err != nil {
			return nil, fmt.Sprintf("not readable as %s: %v", form, err)
		}
	}
	return sniffJSON(b)
}

// sniffJSON tells JSON from what is not, by its beginning. What begins as an
// object or an array is checked when it is parsed.
func sniffJSON(b []byte) (data []byte, opaque string) {
	t := bytes.TrimLeft(b, " \t\r\n")
	if len(t) == 0 {
		return []byte("null"), ""
	}
	switch t[0] {
	case '{', '[':
		return b, ""
	case '<':
		return nil, "not JSON: it looks like XML"
	}
	if json.Valid(t) {
		return b, ""
	}
	switch {
	case bytes.HasPrefix(t, []byte("---")):
		return nil, "not JSON: it looks like YAML"
	case !utf8.Valid(t):
		return nil, fmt.Sprintf("not JSON: binary, %d bytes", len(b))
	}
	return nil, "not JSON: text that begins with " + quoteStart(t)
}

// quoteStart quotes the beginning of what was found, for a message.
func quoteStart(b []byte) string {
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

// compressed names the form that the bytes are compressed in, if they are.
func compressed(b []byte) string {
	if len(b) < 2 {
		return ""
	}
	switch {
	case b[0] == 0x78 && (b[1] == 0x01 || b[1] == 0x9C || b[1] == 0xDA):
		return "zlib"
	case b[0] == 0x1F && b[1] == 0x8B:
		return "gzip"
	}
	return ""
}

// inflate decompresses into a buffer that the next call uses again.
func (d *payloadDecoder) inflate(b []byte, form string) ([]byte, error) {
	var r io.Reader
	var err error
	in := bytes.NewReader(b)
	switch {
	case form == "gzip" && d.gzip == nil:
		d.gzip, err = gzip.NewReader(in)
		r = d.gzip
	case form == "gzip":
		err = d.gzip.Reset(in)
		r = d.gzip
	case d.zlib == nil:
		d.zlib, err = zlib.NewReader(in)
		r = d.zlib
	default:
		err = d.zlib.(zlib.Resetter).Reset(in, nil)
		r = d.zlib
	}
	if err != nil {
		return nil, err
	}
	d.out.Reset()
	n, err := d.out.ReadFrom(io.LimitReader(r, maxPayload+1))
	if err != nil {
		return nil, err
	}
	if n > maxPayload {
		return nil, errors.New("more than 64 MiB when decompressed")
	}
	return d.out.Bytes(), nil
}
