"""Makes field_oracle.json: reference numbers for the conductor and the posterior, computed with NumPy by the prototype of the field
prior (reference/prototypes/field_prior.py of the project's shared material; run from its folder with the file to write and this
project's assets/electrodes.json). Lead fields of five members on the
702-vertex torso at stated sources, and the posterior weights of V2 and V6 from six leads for a stated covariance."""
import json
import sys

import numpy as np

import field_prior as prior

torso = prior.Torso(*prior.read_ply(prior.ASSETS + "torso_bem_702.ply"))
setup = json.load(open(sys.argv[2]))
heart = np.array(setup["heart_centre"])
place = {k: np.array(v["pos_mm"]) for k, v in setup["electrodes"].items()}
skin = lambda k: torso.electrode(heart, (place[k] - heart) / np.linalg.norm(place[k] - heart))
ra, la, ll = (skin(k) for k in ("RA", "LA", "LL"))
leads = np.array([la - ra, ll - ra] + [skin(k) - (ra + la + ll) / 3 for k in prior.LEADS[2:]])
rng = np.random.default_rng(7)
sources = [(heart + [-10, 3, -10] + rng.normal(0, 12, 3) + rng.normal(0, 10, (4, 3))).round(2) for _ in range(5)]
fields = np.array([np.concatenate([leads @ torso.lead_field(s) for s in members], 1) for members in sources])
mix = rng.normal(0, 1, (6, 6))
covariance = (mix @ mix.T).round(3)
covariance += fields[0][[0, 1, 2, 4, 5, 6]] @ fields[0][[0, 1, 2, 4, 5, 6]].T / np.abs(fields[0]).max() ** 2 * 300
weights = prior.posterior(fields, [0, 1, 2, 4, 5, 6], covariance, ridge=3e-3, temperature=5e-2)[[3, 7]]
json.dump(dict(sources_mm=[s.tolist() for s in sources], fields=fields.tolist(), covariance=covariance.tolist(), weights=weights.tolist()),
          open(sys.argv[1], "w"))
