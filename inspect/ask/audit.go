package ask

import (
	"bytes"
	"context"
	"iter"
	"os"
	"strconv"
	"strings"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// Verify asks whether an audit export, or the proof of one event, is sound. It opens no
// store.
type Verify struct {
	Path  string `json:"path" jsonschema:"the folder of an export, or a file with a proof"`
	VKey  string `json:"vkey,omitempty" jsonschema:"the verifier key, or a file with it; without one the signer is unknown"`
	Since string `json:"since,omitempty" jsonschema:"a file with an earlier checkpoint, which this history must continue"`
}

// Check rejects an invalid request.
func (q Verify) Check() error {
	if q.Path == "" {
		return workspace.Usagef("name the folder of an export", "no export given")
	}
	return nil
}

// Ask answers the question.
func (q Verify) Ask(ctx context.Context, w *workspace.Workspace) (*audit.Verified, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	key, err := verifierKey(ctx, w, q.VKey)
	if err != nil {
		return nil, err
	}
	o := audit.VerifyOptions{Key: key, Selects: selects}
	if q.Since != "" {
		if o.Since, err = keyFile(ctx, w, q.Since); err != nil {
			return nil, err
		}
	}
	verify, path := audit.Verify, w.Path(q.Path)
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		verify = audit.VerifyProof
	}
	answer, err := verify(ctx, path, o)
	if err != nil {
		return nil, err
	}
	answer.Path = q.Path
	return answer, nil
}

// Prove asks for one event of an audit export with everything needed to check it alone.
// It opens no store.
type Prove struct {
	Folder string `json:"folder" jsonschema:"the folder of an export"`
	Event  string `json:"event" jsonschema:"STREAM@VERSION of the event"`
}

// Check rejects an invalid request.
func (q Prove) Check() error {
	_, _, err := eventName(q.Event)
	return err
}

// Ask answers the question.
func (q Prove) Ask(ctx context.Context, w *workspace.Workspace) (*audit.Proof, error) {
	stream, version, err := eventName(q.Event)
	if err != nil {
		return nil, err
	}
	return audit.Prove(ctx, w.Path(q.Folder), stream, version)
}

// eventName parses STREAM@VERSION. A stream name can contain an @.
func eventName(name string) (replay.StreamID, replay.Version, error) {
	at := strings.LastIndexByte(name, '@')
	if at > 0 {
		if v, err := strconv.ParseInt(name[at+1:], 10, 64); err == nil {
			return replay.StreamID(name[:at]), replay.Version(v), nil
		}
	}
	return "", 0, workspace.Usagef("write the stream and the version, such as order-7@3", "bad event %q", name)
}

// Sample asks for random events of an audit export, each with its proof. It opens no
// store.
type Sample struct {
	Folder string `json:"folder" jsonschema:"the folder of an export"`
	N      int    `json:"n" jsonschema:"how many events"`
	Seed   string `json:"seed" jsonschema:"any text chosen by the auditor; the same text draws the same events"`
}

// Sampled holds the drawn events.
type Sampled struct {
	Proofs []*audit.Proof
	Of     int64 // events of the export
}

// Check rejects an invalid request.
func (q Sample) Check() error {
	switch {
	case q.N < 1:
		return workspace.Usagef("write a number of events, such as 25", "bad n %d", q.N)
	case q.Seed == "":
		return workspace.Usage(fault.Try("let the auditor choose any text").With("seed", "case 4711"), "no seed given")
	}
	return nil
}

// Ask answers the question.
func (q Sample) Ask(ctx context.Context, w *workspace.Workspace) (*Sampled, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	proofs, of, err := audit.Sample(ctx, w.Path(q.Folder), q.N, q.Seed)
	if err != nil {
		return nil, err
	}
	return &Sampled{Proofs: proofs, Of: of}, nil
}

// lines returns the proofs of the events, one by one.
func (q Sample) lines(ctx context.Context, w *workspace.Workspace) iter.Seq2[*audit.Proof, error] {
	return lines(func(yield func(*audit.Proof) error) error {
		all, err := q.Ask(ctx, w)
		if err != nil {
			return err
		}
		for _, x := range all.Proofs {
			if err := yield(x); err != nil {
				return err
			}
		}
		return nil
	})
}

// keyFile reads a key or a checkpoint.
func keyFile(ctx context.Context, w *workspace.Workspace, name string) ([]byte, error) {
	const most = 1 << 20
	b, err := w.ReadFile(ctx, name, "a key", most)
	if err == nil && bytes.IndexByte(b, 0) >= 0 {
		return nil, workspace.Usagef("name a file of text", "%s is neither a key nor a checkpoint", name)
	}
	return b, err
}

// signingKey reads the private key from a file, by default the file named by
// ASOF_AUDIT_KEY.
func signingKey(ctx context.Context, w *workspace.Workspace, file string) (*audit.Key, error) {
	if file == "" {
		file = w.Getenv("ASOF_AUDIT_KEY")
	}
	if file == "" {
		return nil, workspace.Usage(fault.Try("make one").By("audit keygen").With("out", "audit.key"), "%s is missing", w.Option("key"))
	}
	text, err := keyFile(ctx, w, file)
	if err != nil {
		return nil, err
	}
	k, err := audit.ParseKey(text)
	if err != nil {
		return nil, workspace.Usagef("name the file with the private key, not its .pub", "bad %s %s: %v", w.Option("key"), file, err)
	}
	return k, nil
}

// verifierKey reads a verifier key, or a file that contains one. The default is
// ASOF_AUDIT_VKEY. It returns nil if there is none.
func verifierKey(ctx context.Context, w *workspace.Workspace, text string) (audit.Verifier, error) {
	if text == "" {
		text = w.Getenv("ASOF_AUDIT_VKEY")
	}
	if text == "" {
		return nil, nil
	}
	if v, err := audit.ParseVerifier(text); err == nil {
		return v, nil
	}
	const next = "give the line that audit keygen printed, or the file next to the private key"
	if _, err := os.Stat(w.Path(text)); err != nil {
		return nil, workspace.Usagef(next, "bad %s %q: neither a verifier key nor a file", w.Option("vkey"), text)
	}
	b, err := keyFile(ctx, w, text)
	if err != nil {
		return nil, err
	}
	v, err := audit.ParseVerifier(string(b))
	if err != nil {
		return nil, workspace.Usagef(next, "bad %s %s: its first line is not a verifier key", w.Option("vkey"), text)
	}
	return v, nil
}
