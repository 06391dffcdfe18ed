package audit

import "context"

// VerifyProof checks the proof of one event.
func VerifyProof(ctx context.Context, path string, o VerifyOptions) (*Verified, error) {
	return nil, nil
}
