// Serial transmitter: one start bit, eight data bits (low bit first), one stop bit.
`timescale 1ns / 1ps
module uart_tx #(
    parameter CLOCKS_PER_BIT = 868
) (
    input  wire       clk,
    input  wire       reset,
    input  wire       start,
    input  wire [7:0] data,
    output reg        tx,
    output wire       busy
);
    reg [15:0] counter;
    reg [3:0]  bits_left;
    reg [8:0]  shifter;

    assign busy = (bits_left != 0);

    always @(posedge clk) begin
        if (reset) begin
            tx        <= 1'b1;
            counter   <= 0;
            bits_left <= 0;
        end else if (!busy) begin
            tx <= 1'b1;
            if (start) begin
                shifter   <= {1'b1, data};
                tx        <= 1'b0;
                bits_left <= 10;
                counter   <= CLOCKS_PER_BIT - 1;
            end
        end else if (counter != 0) begin
            counter <= counter - 1;
        end else begin
            counter   <= CLOCKS_PER_BIT - 1;
            bits_left <= bits_left - 1;
            tx        <= shifter[0];
            shifter   <= {1'b1, shifter[8:1]};
        end
    end
endmodule
