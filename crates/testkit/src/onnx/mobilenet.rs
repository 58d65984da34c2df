//! `MobileNetV3-Small` (Howard et al. 2019, table 2) up to its features of 1,024 numbers, with weights from a seed: as fast
//! and as large as the real one, and it tells pictures apart, but has learnt nothing.

use super::{Attribute, Graph};
use crate::random::Random;

/// Kernel, expansion, channels out, squeeze-and-excite, hard swish (or else rectified), stride.
type Block = (u64, u64, u64, bool, bool, i64);

const BLOCKS: [Block; 11] = [
    (3, 16, 16, true, false, 2),
    (3, 72, 24, false, false, 2),
    (3, 88, 24, false, false, 1),
    (5, 96, 40, true, true, 2),
    (5, 240, 40, true, true, 1),
    (5, 240, 40, true, true, 1),
    (5, 120, 48, true, true, 1),
    (5, 144, 48, true, true, 1),
    (5, 288, 96, true, true, 2),
    (5, 576, 96, true, true, 1),
    (5, 576, 96, true, true, 1),
];

/// Returns the file's bytes: input `[batch, 3, 224, 224]`, output `[batch, 1024]`.
pub fn mobilenet_v3_small(seed: u64) -> Vec<u8> {
    let mut net = Net {
        graph: Graph::default()
            .input("pixels", &[None, Some(3), Some(224), Some(224)])
            .output("features", &[None, Some(1_024)]),
        random: Random::new(seed),
    };
    let mut x = net.convolution("pixels", 3, 16, 3, 2, 1);
    x = net.swish(&x);
    let mut channels = 16;
    for block in BLOCKS {
        x = net.block(&x, channels, block);
        channels = block.2;
    }
    x = net.convolution(&x, channels, 576, 1, 1, 1);
    x = net.swish(&x);
    x = net.graph.node("GlobalAveragePool", &[&x], &[]);
    x = net
        .graph
        .node("Flatten", &[&x], &[Attribute::Whole("axis", 1)]);
    let weights = net.weights(&[1_024, 576], 576);
    let bias = net.weights(&[1_024], 576);
    x = net.graph.node(
        "Gemm",
        &[&x, &weights, &bias],
        &[Attribute::Whole("transB", 1)],
    );
    net.graph.node_into("HardSwish", &[&x], "features", &[]);
    net.graph.finish()
}

struct Net {
    graph: Graph,
    random: Random,
}

impl Net {
    fn weights(&mut self, shape: &[u64], inputs: u64) -> String {
        let count = shape.iter().product::<u64>();
        // He et al. 2015: what goes through many layers neither grows nor fades.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "weights of seven digits"
        )]
        let weight = |number: u64| {
            let unit = number as f64 / f64::from(1 << 24);
            ((unit * 2.0 - 1.0) * (6.0 / inputs as f64).sqrt()) as f32
        };
        let values: Vec<f32> = (0..count)
            .map(|_| weight(self.random.below(1 << 24)))
            .collect();
        self.graph.weights(shape, &values)
    }

    fn convolution(
        &mut self,
        x: &str,
        from: u64,
        to: u64,
        kernel: u64,
        stride: i64,
        groups: u64,
    ) -> String {
        let inputs = from / groups * kernel * kernel;
        let weights = self.weights(&[to, from / groups, kernel, kernel], inputs);
        let bias = self.weights(&[to], inputs * 100);
        let (side, edge) = (kernel.cast_signed(), (kernel / 2).cast_signed());
        self.graph.node(
            "Conv",
            &[x, &weights, &bias],
            &[
                Attribute::Wholes("kernel_shape", &[side, side]),
                Attribute::Wholes("strides", &[stride, stride]),
                Attribute::Wholes("pads", &[edge, edge, edge, edge]),
                Attribute::Whole("group", groups.cast_signed()),
            ],
        )
    }

    fn swish(&mut self, x: &str) -> String {
        self.graph.node("HardSwish", &[x], &[])
    }

    fn block(&mut self, x: &str, channels: u64, block: Block) -> String {
        let (kernel, expansion, to, squeezes, swishes, stride) = block;
        let mut y = x.to_owned();
        if expansion != channels {
            y = self.convolution(&y, channels, expansion, 1, 1, 1);
            y = self.activated(&y, swishes);
        }
        y = self.convolution(&y, expansion, expansion, kernel, stride, expansion);
        y = self.activated(&y, swishes);
        if squeezes {
            let narrow = (expansion / 4).next_multiple_of(8);
            let mut gate = self.graph.node("GlobalAveragePool", &[&y], &[]);
            gate = self.convolution(&gate, expansion, narrow, 1, 1, 1);
            gate = self.graph.node("Relu", &[&gate], &[]);
            gate = self.convolution(&gate, narrow, expansion, 1, 1, 1);
            gate = self.graph.node(
                "HardSigmoid",
                &[&gate],
                &[Attribute::Float("alpha", 1.0 / 6.0)],
            );
            y = self.graph.node("Mul", &[&y, &gate], &[]);
        }
        y = self.convolution(&y, expansion, to, 1, 1, 1);
        if stride == 1 && channels == to {
            y = self.graph.node("Add", &[x, &y], &[]);
        }
        y
    }

    fn activated(&mut self, x: &str, swishes: bool) -> String {
        if swishes {
            return self.swish(x);
        }
        self.graph.node("Relu", &[x], &[])
    }
}
