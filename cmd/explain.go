package cmd

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"asof/inspect/ask"
	"asof/inspect/contrast"
	"asof/replay/workspace"
)

// explainFlags ask what sets bad streams apart.
type explainFlags struct {
	explain  bool
	releases string
}

func (f *explainFlags) add(fl *pflag.FlagSet) {
	fl.BoolVar(&f.explain, "explain", false, "also find what sets the bad streams apart from the good ones")
	fl.StringVar(&f.releases, "releases", "", "with --explain, group first bad events by release: a file with a time and a name per line, or git:PATH for the tags of a repository")
}

// question reads the releases.
func (f explainFlags) question(a *app) (x ask.Explaining, err error) {
	x.Explain = f.explain
	if f.releases == "" {
		return x, nil
	}
	if !f.explain {
		return x, usagef("give --explain too, or leave it out", "--releases without --explain")
	}
	var text []byte
	if path, ok := strings.CutPrefix(f.releases, "git:"); ok {
		text, err = gitTags(a.ctx, a.path(path))
	} else {
		text, err = a.work().ReadFile(a.ctx, f.releases, "the releases", mostReleases)
	}
	if err == nil {
		x.Releases, err = a.parseReleases(text)
	}
	return x, err
}

// typedCheck returns the flags of a check, as typed.
func typedCheck(q ask.CheckStore) []string {
	flags := typedFold(q.Folding)
	for _, i := range q.Invariants {
		c := typedCondition(i.Condition)
		flags = append(flags, c[0], i.Name+"="+c[1])
	}
	if q.Explain {
		flags = append(flags, "--explain")
	}
	return flags
}

// mostReleases bounds the bytes of a list of releases.
const mostReleases = 4 << 20

// gitTags lists the tags of a repository with their times. It runs nothing that the
// repository configures, and writes nothing.
func gitTags(ctx context.Context, dir string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", dir,
		"for-each-ref", "--format=%(creatordate:iso-strict) %(refname:strip=2)", "refs/tags")
	c.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "LC_ALL=C")
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		if said == "" {
			said = err.Error()
		}
		return nil, usagef("name a repository, or a file with a time and a name per line", "the tags of %s cannot be read: %s", dir, said)
	}
	return out.Bytes(), nil
}

// parseReleases parses a time and a name per line. A blank line and one that begins with # are
// skipped. A name may be written as git log does: (tag: v2.3.0, origin/main).
func (a *app) parseReleases(text []byte) (contrast.Releases, error) {
	var all contrast.Releases
	for n, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		at, name, _ := strings.Cut(line, " ")
		name = releaseName(name)
		when, err := workspace.ParseTime("releases", at, a.work().Env())
		if err == nil && name == "" {
			err = errors.New("no name after the time")
		}
		if err != nil {
			return nil, usagef("write a time and a name, such as 2026-01-21T18:00:00Z 2.3.0", "--releases, line %d: %v", n+1, err)
		}
		all = append(all, contrast.Release{At: when, Name: name})
	}
	if len(all) == 0 {
		return nil, usagef("write a time and a name per line, such as 2026-01-21T18:00:00Z 2.3.0", "--releases names no release")
	}
	return contrast.NewReleases(all), nil
}

// releaseName returns the name of a release, of those that git log decorates with the first
// tag.
func releaseName(text string) string {
	text = strings.TrimSpace(text)
	inner := strings.TrimSuffix(strings.TrimPrefix(text, "("), ")")
	for ref := range strings.SplitSeq(inner, ", ") {
		if tag, ok := strings.CutPrefix(ref, "tag: "); ok {
			return tag
		}
	}
	return text
}
