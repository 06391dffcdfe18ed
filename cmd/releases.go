package cmd

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"asof/inspect/contrast"
	"asof/replay"
	"asof/replay/workspace"
)

const (
	mostReleases = 4 << 20 // bytes of a list of releases
	longestName  = 200     // bytes of the name of a release
)

// gitTags lists the tags of a repository with their times. It runs nothing that the
// repository configures, and writes nothing.
func (a *app) gitTags(dir string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(a.ctx, time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", dir,
		"for-each-ref", "--format=%(creatordate:iso-strict) %(refname:strip=2)", "refs/tags")
	c.Env = append(slices.DeleteFunc(os.Environ(), namesRepository), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "LC_ALL=C")
	var errs bytes.Buffer
	out := atMost{left: mostReleases, stop: cancel}
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	const hint = "name a repository, or a file with a time and a name per line"
	if out.left < 0 {
		return nil, usagef(hint, "the tags of %s are larger than 4 MiB", dir)
	}
	if err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		if said == "" {
			said = err.Error()
		}
		return nil, usagef(hint, "the tags of %s cannot be read: %s", dir, said)
	}
	dated, undated := withTimes(out.Bytes())
	if undated > 0 {
		a.note("releases", replay.Counted(undated, "tag", "tags")+" without a time left out of the releases")
	}
	return dated, nil
}

// namesRepository reports whether a variable makes git read another repository than the one
// that is named.
func namesRepository(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains([]string{"GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY"}, name)
}

// atMost keeps what is written, and stops the writer if that is too much.
type atMost struct {
	bytes.Buffer
	left int
	stop func()
}

func (b *atMost) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		b.stop()
		return len(p), nil
	}
	return b.Buffer.Write(p)
}

// withTimes returns the lines that do not begin with a space, which takes the place of a
// time, and counts the others.
func withTimes(lines []byte) (dated []byte, undated int) {
	for line := range bytes.Lines(lines) {
		if line[0] == ' ' {
			undated++
		} else {
			dated = append(dated, line...)
		}
	}
	return dated, undated
}

// parseReleases parses a time and a name per line. A blank line and one that begins with # are
// skipped. A time may be written as git log does: 2026-01-21 18:00:00 +0100. So may a name:
// (tag: v2.3.0, origin/main), also without the parentheses. If one is, lines written so but
// without a tag are commits, not releases.
func (a *app) parseReleases(text []byte) (contrast.Releases, error) {
	const hint = "write a time and a name, such as 2026-01-21T18:00:00Z 2.3.0"
	all := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	decorated, bare := slices.ContainsFunc(all, tagged().MatchString), slices.ContainsFunc(all, bareTagged().MatchString)
	var out []contrast.Release
	for n, line := range all {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		at, name := cutTime(line)
		when, err := workspace.ParseTime("releases", at, a.work().Env())
		if tag := firstTag(name); tag != "" {
			name = tag
		} else if err == nil && decorated && (bare || name == "" || name[0] == '(') {
			continue
		}
		switch {
		case err != nil:
		case name == "":
			err = errors.New("no name after the time")
		case len(name) > longestName:
			err = errors.New("the name is longer than 200 bytes")
		}
		if err != nil {
			return nil, usagef(hint, "--releases, line %d: %v", n+1, err)
		}
		out = append(out, contrast.Release{At: when, Name: name})
	}
	if len(out) == 0 {
		return nil, usagef("write a time and a name per line, such as 2026-01-21T18:00:00Z 2.3.0", "--releases names no release")
	}
	return contrast.NewReleases(out), nil
}

var (
	// spacedTime is a time with spaces in it, of which the zone may be missing.
	spacedTime = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})\s+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:\s*(Z|[+-]\d{2}):?(\d{2})?)?(?:\s+|$)`)
	})
	tagged     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[\s(]tag: `) })
	bareTagged = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[^(#]*\stag: `) })
)

// cutTime cuts the time off the beginning of a line.
func cutTime(line string) (at, name string) {
	if m := spacedTime().FindStringSubmatch(line); m != nil {
		at, name = m[1]+"T"+m[2]+m[3], strings.TrimSpace(line[len(m[0]):])
		if m[4] != "" {
			at += ":" + m[4]
		}
		return at, name
	}
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		return line[:i], strings.TrimSpace(line[i:])
	}
	return line, ""
}

// firstTag returns the first tag of a decoration of git log, or an empty text.
func firstTag(text string) string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "("), ")")
	for ref := range strings.SplitSeq(text, ", ") {
		if tag, ok := strings.CutPrefix(ref, "tag: "); ok {
			return tag
		}
	}
	return ""
}
