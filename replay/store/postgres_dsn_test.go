package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"asof/replay"
)

// TestBadDSN wants an error that says nothing of the password, and no waiting for
// a server that is not there.
func TestBadDSN(t *testing.T) {
	t.Setenv("PGPASSFILE", "/nonexistent")
	for dsn, want := range map[string]string{
		"postgres://user:hunter22@127.0.0.1:1/db":                         "can't be reached: ",
		"postgres://127.0.0.1:1/db?password=hunter22":                     "can't be reached: ",
		"host=127.0.0.1 port=1 user=u password=hunter22":                  "can't be reached: ",
		"postgres://user:hunter22@h:notaport/db":                          "bad port",
		"postgres://user:hunter22@h/db?sslmode=whatever":                  "bad sslmode",
		"postgres://user:a@hunter22@127.0.0.1:1/db":                       "has an @ in it",
		"postgres://user:1/hunter22@127.0.0.1:1/db":                       "has a /, ? or # in it",
		"keepalives=1 host=127.0.0.1 port=1 password=hunter22":            "can't be reached: ",
		"mysql://user:hunter22@127.0.0.1:1/db":                            "no store that can be opened",
		"postgres://user:hunter22@[::1/db":                                "can't be understood",
		"postgres://user:hunter22%zz@h/db":                                "can't be understood",
		"host=127.0.0.1 password='hunter22":                               "can't be understood",
		"postgres://user:hunter22@127.0.0.1:1/db?sslrootcert=/no/such/ca": "",
	} {
		r, err := Open(context.Background(), dsn, Options{})
		if err == nil {
			r.Close()
			t.Fatalf("%s is opened", dsn)
		}
		var se *replay.StoreError
		if !errors.As(err, &se) {
			t.Fatalf("%s: %T", dsn, err)
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", dsn, err, want)
		}
		if strings.Contains(err.Error()+se.Next+se.Path, "hunter22") {
			t.Errorf("the password is in %q, hint %q", err, se.Next)
		}
	}
}

// TestAfterRunes: what begins with s is below its successor, what does not and is
// greater is not.
func TestAfterRunes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		x := rapid.String().Draw(t, "x")
		next, ok := afterRunes(s)
		if !ok {
			if strings.Trim(s, string(utf8.MaxRune)) != "" {
				t.Fatalf("%q has no successor", s)
			}
			return
		}
		if !utf8.ValidString(next) {
			t.Fatalf("the successor %q of %q is no text", next, s)
		}
		if s+x >= next {
			t.Fatalf("%q begins with %q and is not below %q", s+x, s, next)
		}
		if x > s && !strings.HasPrefix(x, s) && x < next {
			t.Fatalf("%q does not begin with %q and is below %q", x, s, next)
		}
	})
}

func TestPgText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "abc": "abc", "a\x00b": "a", "é": "é", "\xf4\x8f": "", "a\xc3": "a", "\ufffd": "\ufffd", "a\xffb": "a",
	} {
		if got := pgText(in); got != want {
			t.Errorf("%q is cut to %q, want %q", in, got, want)
		}
	}
}
