package audit_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"asof/inspect/audit"
)

// TestForgedSignature checks that a checkpoint with a valid and a forged signature of
// the same key is refused in any order. Signatures of other keys are ignored.
func TestForgedSignature(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	text := string(contents(t, write(t, exportOf(k, shop(20))))["checkpoint"])
	at := strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n") + 1
	head, line := text[:at], text[at:]
	name, encoded, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "shop ")
	sig, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	forge := func(i int) string {
		b := append([]byte(nil), sig...)
		b[i] ^= 1
		return name + "shop " + base64.StdEncoding.EncodeToString(b) + "\n"
	}
	forged, other := forge(len(sig)-1), forge(0)
	for _, c := range []struct {
		name, text string
		good       bool
	}{
		{"alone", head + line, true},
		{"twice", head + line + line, true},
		{"a forged one after it", head + line + forged, false},
		{"a forged one before it", head + forged + line, false},
		{"a forged one between them", head + line + forged + line, false},
		{"another key's after it", head + line + other, true},
		{"another key's before it", head + other + line, true},
	} {
		if _, err := audit.OpenCheckpoint([]byte(c.text), v); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
