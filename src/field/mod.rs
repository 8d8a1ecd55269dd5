//! The torso as a conductor: lead fields of any electrode, the ensemble of them (field prior) and a patient's posterior over it.
