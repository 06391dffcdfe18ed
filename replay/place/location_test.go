package place

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestIsDSN(t *testing.T) {
	for s, want := range map[string]bool{
		"postgres://h/db": true, "postgresql://h": true, "mysql://h/db": true, "MariaDB://h": true, "esdb://h": true, "redis://h": true, "Valkeys://h": true, "host=h dbname=d": true, "dbname = shop": true,
		"service=shop": true, "shop.db": false, "a=b.db": false, "./host=h": false, "-": false, "": false, "C:/x": false,
		"weird/postgres://x": false, "keepalives=1 password=x": true, "my_guc=1 password=x": true, "database=d": true,
		`password == "x"`: false, "PATH=/bin ./judge": false, "stream=id,data=body": false,
	} {
		if got := IsDSN(s); got != want {
			t.Errorf("IsDSN(%q) is %v", s, got)
		}
	}
}

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"shop.db":                                      "shop.db",
		"a/b@c.db":                                     "a/b@c.db",
		"postgres://u:p@h:5/db":                        "postgres://u@h:5/db",
		"postgres://u@h/db":                            "postgres://u@h/db",
		"postgres://u:p@w:@h/db":                       "postgres://u@h/db",
		"postgres://u:a@SECRET@h:1/db":                 "postgres://u@h:1/db",
		"postgres://u@SECRET@h/db":                     "postgres://u@h/db",
		"postgres://h/db?password=x&sslmode=require":   "postgres://h/db?sslmode=require",
		"postgres://h:5432/db?application_name=me@x":   "postgres://h:5432/db?application_name=me@x",
		"postgres://u:a@h/db?sslmode=a&sslpassword=b":  "postgres://u@h/db?sslmode=a",
		"postgres://u:a@h/db?port=1&password=b&x=&c":   "postgres://u@h/db?port=1",
		"postgres://h/db?password=x":                   "postgres://h/db",
		"postgres://h/db?%70assword=x":                 "postgres://h/db",
		"postgres://u:p?q@h/db":                        "postgres://u@h/db",
		"postgres://:secret@/db?host=/run/postgresql/": "postgres://@/db?host=/run/postgresql/",
		"mysql://u:p@h/db":                             "mysql://u@h/db",
		"redis://u:p@h/0?prefix=cart:":                 "redis://u@h/0?prefix=cart:",
		"redis://p@h/0":                                "redis://@h/0", // a user alone is a password
		"valkeys://:p@h/0?prefix=a&pass=x":             "valkeys://@h/0?prefix=a",
		"mariadb://u@h/db?password=x&socket=/s&tls=a":  "mariadb://u@h/db?socket=/s&tls=a",
		"mysql://h/db?ssl-mode=a&pass=x":               "mysql://h/db?ssl-mode=a",
		"host=h password=x dbname=d":                   "host=h dbname=d",
		"host=h password = 'a b' dbname=d":             "host=h dbname=d",
		"host=h password = 'a b\\' c' dbname=d":        "host=h dbname=d",
		"host=h password='never closed dbname=d":       "host=h",
		"host=h PASSWORD=x sslpassword=y":              "host=h",
		"host=h password=a\\ b dbname=d":               "host=h dbname=d",
		"host=h password=my pass word":                 "host=h",
		"keepalives=1 host=h port=1 password=x":        "keepalives=1 host=h port=1",
		"channel_binding=disable host=h password=x":    "channel_binding=disable host=h",
		"database=d password=x":                        "database=d",
		"any_name=x password=y":                        "postgres://",
		"password=x":                                   "postgres://",
		"postgres://":                                  "postgres://",
	} {
		if got := Parse(in).String(); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
}

// secretDSN makes a connection string with a secret that begins with s3cr.
func secretDSN(t *rapid.T) string {
	secret := "s3cr" + rapid.StringMatching(`[ -~]{0,12}`).Draw(t, "password") + "t"
	quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(secret) + "'"
	other := rapid.SampledFrom(append(known[:len(known):len(known)], "of_any_name")).Draw(t, "setting")
	return rapid.SampledFrom([]string{
		"postgres://user:" + secret + "@host/db?sslmode=disable",
		"postgres://user:" + url.QueryEscape(secret) + "@host/db",
		"postgres://user:a@" + url.QueryEscape(secret) + "@host/db",
		"postgres://host/db?password=" + url.QueryEscape(secret) + "&sslmode=disable",
		"postgres://host/db?" + other + "=1&password=" + url.QueryEscape(secret),
		"amqp://user:" + secret + "@host/db",
		"mysql://user:" + url.QueryEscape(secret) + "@host/db?tls=true",
		"mariadb://user@host/db?" + rapid.SampledFrom(knownMySQL).Draw(t, "parameter") + "=1&password=" + url.QueryEscape(secret),
		"host=h password=" + quoted + " dbname=d",
		other + "=1 password=" + quoted,
		other + " = 1  sslpassword = " + quoted + " user=u",
		"password=" + quoted[:len(quoted)-1],
	}).Draw(t, "dsn")
}

// TestNoSecretIsPrinted prints locations in every way that there is, also within
// what nobody taught to hide something.
func TestNoSecretIsPrinted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dsn := secretDSN(t)
		l := Parse(dsn)
		if l.Reveal() != dsn {
			t.Fatalf("%s comes back as %s", dsn, l.Reveal())
		}
		hidden := struct{ l Location }{l}
		marshaled, err := json.Marshal(map[string]any{"at": l, "in": hidden})
		if err != nil {
			t.Fatal(err)
		}
		printed := string(marshaled) + Redact(dsn)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%p"} {
			printed += fmt.Sprintf(verb, l) + fmt.Sprintf(verb, &l) + fmt.Sprintf(verb, hidden) + fmt.Sprintf(verb, []any{&hidden})
		}
		if strings.Contains(printed, "s3cr") {
			t.Fatalf("%s is printed as %s", dsn, printed)
		}
	})
}

func TestScrub(t *testing.T) {
	for dsn, text := range map[string]string{
		"postgres://u:hunter%32@h/db":  "no user hunter2 and no hunter%32",
		"host=h password='it\\'s 4'":   "no user it's 4 and no it\\'s 4",
		"postgres://h/db?password=a+b": "no user a b and no a+b",
	} {
		if got := Parse(dsn).Scrub(text); got != "no user … and no …" {
			t.Errorf("of %s is left %s", dsn, got)
		}
	}
}

// TestScrubQuoted removes a secret that is quoted for a shell or by Go.
func TestScrubQuoted(t *testing.T) {
	for _, text := range []string{`s3cr'\t`, `'s3cr'\''\t'`, `$'s3cr\'\\t'`, `"s3cr'\\t"`} {
		if got := Scrub(text, []string{`s3cr'\t`}); strings.Contains(got, "s3cr") {
			t.Errorf("of %s is left %s", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"postgres://u:p@h/db?password=x", "host=h password='a b' x=", "password=\\", "postgres://@?&=&password"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range secretsIn(s) {
			if r[0] > r[1] || r[0] < 0 || r[1] > len(s) {
				t.Fatalf("the range %v of %q", r, s)
			}
		}
		Parse(s)
	})
}
