package store

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"asof/replay"
)

func TestIsDSN(t *testing.T) {
	for s, want := range map[string]bool{
		"postgres://h/db": true, "postgresql://h": true, "esdb://h": true, "host=h dbname=d": true, "dbname = shop": true,
		"service=shop": true, "shop.db": false, "a=b.db": false, "./host=h": false, "-": false, "": false, "C:/x": false,
		"weird/postgres://x": false,
	} {
		if got := IsDSN(s); got != want {
			t.Errorf("IsDSN(%q) is %v", s, got)
		}
	}
}

func TestSecretsAreHidden(t *testing.T) {
	for in, want := range map[string]string{
		"postgres://u:p@h:5/db":                        "postgres://u:…@h:5/db",
		"postgres://u@h/db":                            "postgres://u@h/db",
		"postgres://u:p@w:@h/db":                       "postgres://u:…@h/db",
		"postgres://h/db?password=x&sslmode=require":   "postgres://h/db?password=…&sslmode=require",
		"postgres://u:a@h/db?sslmode=a&sslpassword=b":  "postgres://u:…@h/db?sslmode=a&sslpassword=…",
		"postgres://h/db?%70assword=x":                 "postgres://h/db?%70assword=…",
		"host=h password=x dbname=d":                   "host=h password=… dbname=d",
		"host=h password = 'a b\\' c' dbname=d":        "host=h password = … dbname=d",
		"host=h password='never closed dbname=d":       "host=h password=…",
		"host=h PASSWORD=x sslpassword=y":              "host=h PASSWORD=… sslpassword=…",
		"host=h password=a\\ b dbname=d":               "host=h password=… dbname=d",
		"password=":                                    "password=",
		"shop.db":                                      "shop.db",
		"postgres://u:p?q@h/db":                        "postgres://u:…@h/db",
		"postgres://:secret@/db?host=/run/postgresql/": "postgres://:…@/db?host=/run/postgresql/",
	} {
		if got := hideSecrets(in); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
}

func TestWithoutSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"postgres://u:p@h:5/db":                             "postgres://u@h:5/db",
		"postgres://u:p@w:@h/db":                            "postgres://u@h/db",
		"postgres://h/db?password=x&sslmode=require":        "postgres://h/db?sslmode=require",
		"postgres://u:a@h/db?sslmode=a&sslpassword=b":       "postgres://u@h/db?sslmode=a",
		"postgres://u:a@h/db?a=1&password=b&sslpassword=&c": "postgres://u@h/db?a=1&c",
		"postgres://h/db?password=x":                        "postgres://h/db",
		"host=h password=x dbname=d":                        "host=h dbname=d",
		"host=h password = 'a b' dbname=d":                  "host=h dbname=d",
		"password=x":                                        "postgres://",
		"postgres://":                                       "postgres://",
	} {
		if got := WithoutSecrets(in); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
}

// TestNoSecretIsShown makes connection strings of any password, escaped or not.
func TestNoSecretIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := "s3cr" + rapid.StringMatching(`[ -~]{0,12}`).Draw(t, "password") + "t"
		quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(secret) + "'"
		for _, dsn := range []string{
			"postgres://user:" + secret + "@host/db?sslmode=disable",
			"postgres://user:" + url.QueryEscape(secret) + "@host/db",
			"postgres://host/db?password=" + url.QueryEscape(secret) + "&sslmode=disable",
			"host=h password=" + quoted + " dbname=d",
		} {
			for _, shown := range []string{hideSecrets(dsn), shownPath(dsn), WithoutSecrets(dsn)} {
				if strings.Contains(shown, "s3cr") {
					t.Fatalf("%s is shown as %s", dsn, shown)
				}
			}
		}
	})
}

func FuzzSecretsIn(f *testing.F) {
	for _, s := range []string{"postgres://u:p@h/db?password=x", "host=h password='a b' x=", "password=\\", "postgres://@?&=&password"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range SecretsIn(s) {
			if r[0] > r[1] || r[0] < 0 || r[1] > len(s) {
				t.Fatalf("the range %v of %q", r, s)
			}
		}
		hideSecrets(s)
		shownPath(s)
		WithoutSecrets(s)
	})
}

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
