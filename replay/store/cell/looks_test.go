package cell

import (
	"strings"
	"testing"
)

// TestLooksLike checks the descriptions of binary payloads.
func TestLooksLike(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"\x82\xa1a\x01\xa1b\x93\x01\xc0\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00", "MessagePack"},
		{"\xde\x00\x01\xa1a\xd9\x03abc", "MessagePack"},
		{"\x82\xa1a\x01\xa1b\x93\x01\xc0", "binary, 9 bytes"}, // cut short
		{"\xbf", "binary, 1 bytes"},
		{"\xa2\x61a\x01\x61b\x82\x01\xf6", "CBOR"},
		{"\xd9\xd9\xf7\xa0", "CBOR"},
		{"\x16\x00\x00\x00\x02a\x00\x03\x00\x00\x00bc\x00\x10n\x00\x80\x00", "binary"},
		{"\x0c\x00\x00\x00\x10a\x00\x01\x00\x00\x80\x00", "BSON"},
		{"\x0a\x05hello\x10\x96\x01\x1a\x03\x08\x96\x01", "Protocol Buffers"},
		{"\xac\xed\x00\x05sr", "a serialized Java object"},
		{"\x28\xb5\x2f\xfd\x04\x00", "zstd"},
		{"\x83t\x00\x00\x00\x01", "an Erlang term"},
		{"\x80\x04\x95\x00", "a pickled Python object"},
		{"gAAAAABh", "Fernet"},
		{" <a/>", "XML"},
		{"--- 1", "YAML"},
		{"hello", `text that starts with "hello"`},
		{"\xff\x00", "binary, 2 bytes"},
	} {
		if got := looksLike([]byte(test.in)); !strings.Contains(got, test.want) {
			t.Errorf("%q: %s, want %s", test.in, got, test.want)
		}
	}
}
