"""Masks of structured dropout, as functions of arrays.

A map has `n1 x ... x nd` cells. An anchor is a place where a whole block of
`k1 x ... x kd` cells fits. Each plane of a tensor (a sample's channel; a sample,
where the mask is shared) draws its anchors independently with probability `gamma`,
and every cell under a drawn block is dropped. A cell that `c` anchors cover is
therefore kept with probability `(1 - gamma) ** c`.

Block 1 drops single elements; a block as large as the map drops whole planes, and whole
samples where their channels share the mask: dropout, DropBlock, spatial dropout and
drop path are one family.

In place of `gamma` the code computes with the hazard `t = -log(1 - gamma)`, so that
a cell is kept with probability `exp(-t * c)`.

`grid` lays out the cells and the block, `hazard` solves for the hazard, `anchors` turns
drawn anchors into masks, `scale` computes what kept units are multiplied by, and `drop`
is the step that a layer takes. `backends` holds what differs between the backends of
Keras; no other module asks which one is in use.
"""
