package audit_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"iter"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/store/storetest"
)

// commits is a store that keeps all its events in one value.
type commits struct {
	replay.Reader
	whole []byte
}

func (c commits) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for e, err := range c.Reader.Events(ctx, q) {
			if err == nil && q.Stored {
				e.Stored = &replay.Stored{Data: c.whole}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

const erasedPayload = `{"email":"alice.secret@example.com","hiv":"positive","phone":4915112345678,"members":{"bob@example.com":{"role":"x"}},"ward":"A3"}`

func erasedEvents() []replay.Event {
	return []replay.Event{
		{Stream: "p-1", Version: 1, Position: 1, Type: "T", Time: february, ID: "1", Data: []byte(erasedPayload)},
		{Stream: "p-1", Version: 2, Position: 2, Type: "U", Time: february, ID: "2", Data: []byte(`{"ward":"B1"}`)},
	}
}

var erasedPaths = []string{"/data/email", "/data/hiv", "/data/phone", "/data/members"}

// TestErasedValuesCannotBeRecovered attacks a bundle to recover an erased value. It
// looks for the value in several encodings in every file, and compares every hash in
// the bundle with guesses, including the right one, hashed with every salt.
func TestErasedValuesCannotBeRecovered(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	plain := storetest.Memory(erasedEvents())
	file := []byte(erasedPayload + "\n" + `{"ward":"B1"}` + "\n")
	for name, reader := range map[string]replay.Reader{
		"stored alone": plain, "stored with others": commits{plain, file}, "stored packed": packed{plain},
	} {
		for _, states := range []audit.States{audit.StatesEnds, audit.StatesEach} {
			x := exportOf(k, erasedEvents())
			x.Reader, x.States, x.Redact = reader, states, redaction(t, erasedPaths...)
			x.About.SHA256, x.About.Bytes = sumOf(file), int64(len(file))
			dir := write(t, x)
			mustBeSound(t, dir, audit.VerifyOptions{Key: v})
			files := contents(t, dir)
			mustNotContain(t, name, files)
			attack(t, name, files, file)
		}
	}
}

// mustNotContain looks for erased values unchanged, escaped, in hexadecimal, and in
// base64 at all three offsets.
func mustNotContain(t *testing.T, name string, files map[string][]byte) {
	t.Helper()
	for _, secret := range []string{"alice.secret", "positive", "4915112345678", "4.915112345678", "bob@example.com"} {
		forms := []string{secret, strings.ReplaceAll(secret, "@", `\u0040`), hex.EncodeToString([]byte(secret))}
		for pad := range 3 {
			enc := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", pad) + secret))
			forms = append(forms, enc[4:len(enc)-4])
		}
		for file, b := range files {
			for _, f := range forms {
				if bytes.Contains(b, []byte(f)) {
					t.Errorf("%s: %s contains %s as %s", name, file, secret, f)
				}
			}
		}
	}
}

var (
	hashForm = regexp.MustCompile(`[0-9a-f]{64}`)
	saltForm = regexp.MustCompile(`"(?:salt|payload_salt|metadata_salt)":"([0-9a-f]{32})"`)
)

// attack guesses the value at /data/hiv.
func attack(t *testing.T, name string, files map[string][]byte, file []byte) {
	t.Helper()
	hashes, salts := map[string]bool{}, []string{""}
	for _, b := range files {
		for _, h := range hashForm.FindAllString(string(b), -1) {
			hashes[h] = true
		}
		for _, m := range saltForm.FindAllStringSubmatch(string(b), -1) {
			salts = append(salts, m[1])
		}
	}
	secrets := slices.Collect(func(yield func(string) bool) {
		for h := range hashes {
			if !yield(h) {
				return
			}
		}
	})
	for _, h := range secrets { // any of them may be the secret of an event
		raw, _ := hex.DecodeString(h)
		for _, what := range []string{"payload", "field\n/data/hiv"} {
			mac := hmac.New(sha256.New, raw)
			_, _ = mac.Write([]byte(what))
			salts = append(salts, hex.EncodeToString(mac.Sum(nil)[:16]))
		}
	}
	for _, guess := range []string{"negative", "unknown", "positive"} {
		payload := strings.Replace(erasedPayload, "positive", guess, 1)
		store := strings.Replace(string(file), "positive", guess, 1)
		for _, text := range []string{guess, `"` + guess + `"`, `{"hiv":"` + guess + `"}`, payload, store, "packed:\xff" + payload} {
			for _, s := range salts {
				for _, form := range []string{
					text, "\x00" + text, "asof-field/1\n" + s + "\n\"/data/hiv\"\n" + text,
					"asof-payload/1\n" + s + "\n" + text, s + text, s + "\n" + text,
				} {
					sum := sha256.Sum256([]byte(form))
					if hashes[hex.EncodeToString(sum[:])] {
						t.Fatalf("%s: %q was confirmed by the hash of %q", name, guess, form)
					}
				}
			}
		}
	}
}

// TestRemainingErasedValues checks that erased values that occur elsewhere are
// reported.
func TestRemainingErasedValues(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	event := func(i int, stream, data string) replay.Event {
		return replay.Event{
			Stream: replay.StreamID(stream), Version: 1, Position: replay.Position(i), Type: "T", ID: fmt.Sprint(i),
			Time: february, Data: []byte(data),
		}
	}
	x := exportOf(k, []replay.Event{
		event(1, "s-1", `{"members":{"bob@example.com":{"role":"x"}},"phone":4915112345678,"copy":4915112345678.0}`),
		event(2, "user-carol@example.com", `{"email":"carol@example.com","note":"mail to Carol@Example.com, or 4915112345678"}`),
		event(3, "s-3", `{"owners":{"bob@example.com":1},"role":"x","ward":"A3"}`),
	})
	x.Redact = redaction(t, "/data/members", "/data/phone", "/data/email")
	dir := filepath.Join(t.TempDir(), "q")
	out, err := x.Run(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	mustBeSound(t, dir, audit.VerifyOptions{Key: v})
	var got []string
	for _, s := range out.Survivors {
		got = append(got, s.Path)
	}
	slices.Sort(got)
	want := []string{"/data/copy", "/data/note", "a name in /data/owners/bob@example.com", "the stream's id"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestErasedNames checks that a path does not contain a name that a pattern erased.
func TestErasedNames(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	x := exportOf(k, []replay.Event{{
		Stream: "s", Version: 1, Position: 1, Type: "T", Time: february,
		Data: []byte(`{"by":{"bob@example.com":1,"eve@example.com":{"a":[1,2]}},"list":["bob@example.com","y"],"kept":1}`),
	}})
	x.Redact = redaction(t, "/data/by/*", "/data/list/*")
	dir := write(t, x)
	mustBeSound(t, dir, audit.VerifyOptions{Key: v})
	for name, b := range contents(t, dir) {
		if bytes.Contains(b, []byte("@example.com")) {
			t.Errorf("%s contains an erased name", name)
		}
	}
}
